-- SPDX-License-Identifier: Apache-2.0
DELETE FROM attempt_open WHERE attempt = ?1;
