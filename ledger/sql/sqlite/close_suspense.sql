-- SPDX-License-Identifier: Apache-2.0
-- The parts held under a payment have found their home; reason 1 is a part.
UPDATE suspense SET closed_entry = ?2 WHERE payment = ?1 AND closed_entry = 0 AND reason = 1;
