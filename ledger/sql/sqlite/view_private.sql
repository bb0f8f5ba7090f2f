-- SPDX-License-Identifier: Apache-2.0
SELECT salt, data FROM private WHERE record = ?1;
