-- SPDX-License-Identifier: Apache-2.0
SELECT record FROM entry WHERE number = ?1;
