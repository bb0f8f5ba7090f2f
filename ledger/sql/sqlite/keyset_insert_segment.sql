-- SPDX-License-Identifier: Apache-2.0
-- Makes a segment complete: all its keys are in keyset.
INSERT INTO keyset_segment (name, segment, covered, filter) VALUES (?1, ?2, ?3, ?4);
