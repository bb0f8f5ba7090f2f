-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM inbox ORDER BY number;
