-- SPDX-License-Identifier: Apache-2.0
DELETE FROM private WHERE record = ?1;
