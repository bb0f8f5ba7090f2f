-- SPDX-License-Identifier: Apache-2.0
SELECT size, note FROM checkpoint WHERE size <= ?1 ORDER BY record DESC LIMIT 1;
