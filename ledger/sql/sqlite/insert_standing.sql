-- SPDX-License-Identifier: Apache-2.0
INSERT INTO standing (id, copied_at) VALUES (1, ?1) ON CONFLICT (id) DO NOTHING;
