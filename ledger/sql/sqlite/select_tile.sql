-- SPDX-License-Identifier: Apache-2.0
SELECT hashes FROM tile WHERE level = ?1 AND number = ?2;
