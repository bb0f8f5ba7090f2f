-- SPDX-License-Identifier: Apache-2.0
SELECT created_at FROM payment WHERE number = ?1;
