-- SPDX-License-Identifier: Apache-2.0
INSERT INTO checkpoint_key (record, public, until, client, uid, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
