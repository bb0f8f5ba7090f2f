-- SPDX-License-Identifier: Apache-2.0
SELECT coalesce(max(serial), 0) FROM attempt_order WHERE gateway = ?1;
