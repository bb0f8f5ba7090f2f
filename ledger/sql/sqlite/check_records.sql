-- SPDX-License-Identifier: Apache-2.0
SELECT number, leaf FROM record ORDER BY number;
