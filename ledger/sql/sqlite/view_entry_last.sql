-- SPDX-License-Identifier: Apache-2.0
SELECT coalesce(max(number), 0) FROM entry;
