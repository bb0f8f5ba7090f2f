-- SPDX-License-Identifier: Apache-2.0
SELECT record, size, note FROM checkpoint ORDER BY record DESC LIMIT 1;
