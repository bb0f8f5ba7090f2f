-- SPDX-License-Identifier: Apache-2.0
SELECT number, record, day FROM generation ORDER BY number;
