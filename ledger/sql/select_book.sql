-- SPDX-License-Identifier: Apache-2.0
SELECT name, generation, code_key FROM book WHERE id = 1;
