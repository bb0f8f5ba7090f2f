-- SPDX-License-Identifier: Apache-2.0
-- Whether that row of private (1) or evidence (2) is still there.
SELECT 1 FROM private WHERE ?1 = 1 AND record = ?2
UNION ALL SELECT 1 FROM evidence WHERE ?1 = 2 AND record = ?2;
