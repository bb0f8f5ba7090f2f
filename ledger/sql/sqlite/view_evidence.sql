-- SPDX-License-Identifier: Apache-2.0
SELECT salt, data FROM evidence WHERE record = ?1;
