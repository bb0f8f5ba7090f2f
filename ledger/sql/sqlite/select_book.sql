-- SPDX-License-Identifier: Apache-2.0
SELECT name, (SELECT coalesce(max(number), generation) FROM generation), code_key FROM book WHERE id = 1;
