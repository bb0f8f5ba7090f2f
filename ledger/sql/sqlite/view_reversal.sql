-- SPDX-License-Identifier: Apache-2.0
-- Whether entry ?1 takes one back, or is taken back: it is never both.
SELECT r.entry, r.reverses, r.uid, r.client, r.reason, e.record FROM reversal AS r JOIN entry AS e ON e.number = r.entry
WHERE r.entry = ?1 OR r.reverses = ?1;
