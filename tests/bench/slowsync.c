/* SPDX-License-Identifier: Apache-2.0 */

/*
 * slowsync - gives fsync() and fdatasync() the latency of a real disk.
 *
 *     SYNC_US=1000 LD_PRELOAD=slowsync.so PROGRAM
 *
 * On virtual machines the host often acknowledges a flush from its memory, after some 20 us.  With
 * this, each flush of the program and of its children takes SYNC_US microseconds at least: it is
 * done, then slept to the end, so that the processor is free meanwhile, as with a disk.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SLOWSYNC_US_MAX = 10000000, SLOWSYNC_NS_PER_US = 1000, SLOWSYNC_NS_PER_S = 1000000000 };

static long slowsync_us(void)
{
	const char *said = getenv("SYNC_US");
	long us = said == NULL ? 0 : strtol(said, NULL, 10);

	return us < 0 || us > SLOWSYNC_US_MAX ? 0 : us;
}

static int slowsync_call(long number, int fd)
{
	long us = slowsync_us();
	struct timespec until;
	int result;
	int why;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	result = (int)syscall(number, fd);
	if (us == 0) {
		return result;
	}
	why = errno;
	/* Else the kernel may add 50 us to each sleep. */
	(void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	until.tv_sec += us / (SLOWSYNC_NS_PER_S / SLOWSYNC_NS_PER_US);
	until.tv_nsec += us % (SLOWSYNC_NS_PER_S / SLOWSYNC_NS_PER_US) * SLOWSYNC_NS_PER_US;
	if (until.tv_nsec >= SLOWSYNC_NS_PER_S) {
		until.tv_sec++;
		until.tv_nsec -= SLOWSYNC_NS_PER_S;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
		/* the deadline is absolute */
	}
	errno = why;
	return result;
}

int fsync(int fd)
{
	return slowsync_call(SYS_fsync, fd);
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the C library's is odd */
int fdatasync(int fd)
{
	return slowsync_call(SYS_fdatasync, fd);
}
