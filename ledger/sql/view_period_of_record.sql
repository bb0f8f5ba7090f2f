-- SPDX-License-Identifier: Apache-2.0
SELECT month FROM period WHERE record = ?1;
