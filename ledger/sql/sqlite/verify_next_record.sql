-- SPDX-License-Identifier: Apache-2.0
SELECT min(number) FROM record WHERE number > ?1;
