-- SPDX-License-Identifier: Apache-2.0
INSERT INTO tariff_file (digest, line, name, bytes) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING;
