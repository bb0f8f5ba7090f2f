-- SPDX-License-Identifier: Apache-2.0
SELECT erasure FROM erased WHERE source = 2 AND record = ?1;
