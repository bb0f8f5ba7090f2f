-- SPDX-License-Identifier: Apache-2.0
SELECT attempt FROM attempt_open WHERE state = 0 AND attempt > ?1 ORDER BY attempt LIMIT ?2;
