/* Clocks, sleeping and the interval timer, over host functions that count 64-bit nanoseconds. */
#include <errno.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"

#define SECOND 1000000000LL

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	int64_t now = host_clock(clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? 0 : clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID ? 2 : 1);

	ts->tv_sec = now / SECOND;
	ts->tv_nsec = now % SECOND;
	return 0;
}

int __clock_gettime(clockid_t clock, struct timespec *ts) __attribute__((alias("clock_gettime")));

int
clock_getres(clockid_t clock, struct timespec *ts)
{
	if (ts)
	{
		ts->tv_sec = 0;
		ts->tv_nsec = 1;
	}
	return 0;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	int64_t now = host_clock(0);

	tv->tv_sec = now / SECOND;
	tv->tv_usec = now % SECOND / 1000;
	return 0;
}

time_t
time(time_t *t)
{
	time_t now = host_clock(0) / SECOND;

	if (t)
		*t = now;
	return now;
}

clock_t
clock(void)
{
	return host_clock(2) / 1000;
}

int
nanosleep(const struct timespec *request, struct timespec *rest)
{
	int64_t left = 0;
	int r = host_sleep(request->tv_sec * SECOND + request->tv_nsec, &left);

	pglite_dispatch();
	if (r < 0 && rest)
	{
		rest->tv_sec = left / SECOND;
		rest->tv_nsec = left % SECOND;
	}
	return pglite_fail(r);
}

int
clock_nanosleep(clockid_t clock, int flags, const struct timespec *request, struct timespec *rest)
{
	return nanosleep(request, rest) < 0 ? errno : 0;
}

int
usleep(unsigned us)
{
	struct timespec ts = {us / 1000000, us % 1000000 * 1000};

	return nanosleep(&ts, NULL);
}

unsigned
sleep(unsigned seconds)
{
	struct timespec ts = {seconds, 0};

	return nanosleep(&ts, &ts) < 0 ? ts.tv_sec : 0;
}

int
setitimer(int which, const struct itimerval *restrict new, struct itimerval *restrict old)
{
	int64_t first = 0, interval = 0;

	if (which != ITIMER_REAL)
	{
		errno = EINVAL;
		return -1;
	}
	host_setitimer(new->it_value.tv_sec * SECOND + new->it_value.tv_usec * 1000LL,
				   new->it_interval.tv_sec * SECOND + new->it_interval.tv_usec * 1000LL, &first, &interval);
	pglite_dispatch();
	if (old)
	{
		old->it_value.tv_sec = first / SECOND;
		old->it_value.tv_usec = first % SECOND / 1000;
		old->it_interval.tv_sec = interval / SECOND;
		old->it_interval.tv_usec = interval % SECOND / 1000;
	}
	return 0;
}

unsigned
alarm(unsigned seconds)
{
	struct itimerval new = {{0, 0}, {seconds, 0}}, old;

	setitimer(ITIMER_REAL, &new, &old);
	return old.it_value.tv_sec + (old.it_value.tv_usec > 0);
}
