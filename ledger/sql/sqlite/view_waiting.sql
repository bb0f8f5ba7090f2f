-- SPDX-License-Identifier: Apache-2.0
SELECT attempt, gateway, state, next_at, tries FROM attempt_open WHERE attempt > ?1 ORDER BY attempt LIMIT ?2;
