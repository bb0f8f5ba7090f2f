-- SPDX-License-Identifier: Apache-2.0
SELECT day FROM attempt_order WHERE gateway = ?1 AND serial = ?2;
