-- SPDX-License-Identifier: Apache-2.0
-- The records of rotations, the newest first: what they name follows from their leaves.
SELECT leaf FROM record JOIN checkpoint_key ON number = record ORDER BY record DESC;
