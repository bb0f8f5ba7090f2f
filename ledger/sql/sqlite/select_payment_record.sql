-- SPDX-License-Identifier: Apache-2.0
SELECT record FROM payment WHERE number = ?1;
