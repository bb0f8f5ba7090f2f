-- SPDX-License-Identifier: Apache-2.0
SELECT leaf FROM record WHERE number = ?1;
