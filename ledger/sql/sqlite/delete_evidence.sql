-- SPDX-License-Identifier: Apache-2.0
DELETE FROM evidence WHERE record = ?1;
