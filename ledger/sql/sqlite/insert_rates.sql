-- SPDX-License-Identifier: Apache-2.0
INSERT INTO rates (record, day, replaces, digest, rates, source, reason, feed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);
