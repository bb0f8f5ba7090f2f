-- SPDX-License-Identifier: Apache-2.0
SELECT copied_at FROM standing WHERE id = 1;
