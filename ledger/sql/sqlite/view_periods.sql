-- SPDX-License-Identifier: Apache-2.0
SELECT month FROM period WHERE month > ?1 ORDER BY month LIMIT ?2;
