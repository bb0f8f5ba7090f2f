/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/progress.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { PROGRESS_BAR = 20, PROGRESS_WHOLE = 100 };

void progress_init(struct progress *progress, const char *what, FILE *out)
{
	assert(what != NULL);

	*progress = (struct progress){ .what = what };
	if (out != NULL && isatty(fileno(out)) != 0) {
		progress->out = out;
	}
}

/* So many of `of` parts; all of them only at the end. */
static int progress_parts(int64_t done, int64_t all, int of)
{
	if (all <= 0 || done >= all) {
		return of;
	}
	return (int)(done <= INT64_MAX / of ? done * of / all : done / (all / of + 1));
}

void progress_format(const char *what, int64_t done, int64_t all, char out[PROGRESS_LINE_SIZE])
{
	char bar[PROGRESS_BAR + 1];
	int parts = progress_parts(done, all, PROGRESS_BAR);

	assert(done >= 0);

	memset(bar, ' ', PROGRESS_BAR);
	memset(bar, '#', (size_t)parts);
	bar[PROGRESS_BAR] = '\0';
	(void)snprintf(out, PROGRESS_LINE_SIZE, "[%s] %3d %%  %" PRId64 " of %" PRId64 " %.40s",
		bar, progress_parts(done, all, PROGRESS_WHOLE), done, all, what);
}

void progress_set(const struct progress *progress, int64_t done, int64_t all)
{
	char line[PROGRESS_LINE_SIZE];

	if (progress->out != NULL) {
		progress_format(progress->what, done, all, line);
		(void)fprintf(progress->out, "\r%s", line);
		(void)fflush(progress->out);
	}
}

void progress_done(const struct progress *progress)
{
	if (progress->out != NULL) {
		(void)fprintf(progress->out, "\r%*s\r", PROGRESS_LINE_SIZE - 1, "");
		(void)fflush(progress->out);
	}
}
