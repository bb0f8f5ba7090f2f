-- SPDX-License-Identifier: Apache-2.0
SELECT attempt FROM attempt_order WHERE gateway = ?1 AND number = ?2;
