-- SPDX-License-Identifier: Apache-2.0
-- The keys that took the place of another one, the newest first.
SELECT public FROM checkpoint_key ORDER BY record DESC LIMIT ?1;
