-- SPDX-License-Identifier: Apache-2.0
SELECT name, bytes FROM tariff_file WHERE digest = ?1 AND line = ?2;
