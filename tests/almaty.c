/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/almaty.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "tests/alym_test.h"

struct zone *almaty_zone(void)
{
	FILE *file = fopen("/usr/share/zoneinfo/Asia/Almaty", "rb");
	char *bytes = mem_new(1, ZONE_FILE_SIZE_MAX);
	struct zone *zone = NULL;
	struct err err = { 0 };
	size_t size;

	assert_non_null(file);
	size = fread(bytes, 1, ZONE_FILE_SIZE_MAX, file);
	(void)fclose(file);
	assert_true(zone_new((struct text){ bytes, size }, &zone, &err));
	free(bytes);
	return zone;
}
