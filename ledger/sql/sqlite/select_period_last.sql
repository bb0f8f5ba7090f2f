-- SPDX-License-Identifier: Apache-2.0
SELECT month, last_day, last_entry FROM period ORDER BY month DESC LIMIT 1;
