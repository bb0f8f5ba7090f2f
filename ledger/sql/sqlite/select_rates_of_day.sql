-- SPDX-License-Identifier: Apache-2.0
SELECT record, digest, rates FROM rates WHERE day = ?1 ORDER BY record DESC LIMIT 1;
