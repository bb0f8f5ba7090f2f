-- SPDX-License-Identifier: Apache-2.0
-- The last order of a gateway with a daily rule; its number says of which generation it is.
SELECT serial, number FROM attempt_order WHERE gateway = ?1 ORDER BY serial DESC LIMIT 1;
