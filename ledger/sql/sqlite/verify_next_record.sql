-- SPDX-License-Identifier: Apache-2.0
SELECT min(number) AS record FROM record WHERE number > ?1;
