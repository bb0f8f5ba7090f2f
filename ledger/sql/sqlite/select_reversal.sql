-- SPDX-License-Identifier: Apache-2.0
-- The entry that takes entry ?1 back.
SELECT entry FROM reversal WHERE reverses = ?1;
