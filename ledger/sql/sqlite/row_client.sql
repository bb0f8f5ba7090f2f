-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM client WHERE number >= ?1 ORDER BY number;
