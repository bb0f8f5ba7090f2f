-- SPDX-License-Identifier: Apache-2.0
INSERT INTO checkpoint_key VALUES (?1, ?2, ?3, ?4, ?5, ?6);
