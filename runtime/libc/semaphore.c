/*
 * Unnamed POSIX semaphores in memory that processes share: the value in the first word, the
 * number of waiters in the second; the host is called only to wait and to wake.
 */
#include <errno.h>
#include <limits.h>
#include <semaphore.h>

#include "abi.h"

#define VALUE(s) (&(s)->__val[0])
#define WAITERS(s) (&(s)->__val[1])

int
sem_init(sem_t *sem, int shared, unsigned value)
{
	if (value > SEM_VALUE_MAX)
	{
		errno = EINVAL;
		return -1;
	}
	*WAITERS(sem) = 0;
	__atomic_store_n(VALUE(sem), (int) value, __ATOMIC_SEQ_CST);
	return 0;
}

int
sem_destroy(sem_t *sem)
{
	return 0;
}

int
sem_getvalue(sem_t *restrict sem, int *restrict value)
{
	*value = __atomic_load_n(VALUE(sem), __ATOMIC_SEQ_CST);
	return 0;
}

int
sem_post(sem_t *sem)
{
	__atomic_add_fetch(VALUE(sem), 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(WAITERS(sem), __ATOMIC_SEQ_CST) > 0)
		host_futex_wake(VALUE(sem), 1);
	return 0;
}

static int
take(sem_t *sem)
{
	int value = __atomic_load_n(VALUE(sem), __ATOMIC_SEQ_CST);

	while (value > 0)
		if (__atomic_compare_exchange_n(VALUE(sem), &value, value - 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return 1;
	return 0;
}

int
sem_trywait(sem_t *sem)
{
	if (take(sem))
		return 0;
	errno = EAGAIN;
	return -1;
}

int
sem_wait(sem_t *sem)
{
	while (!take(sem))
	{
		int r;

		__atomic_add_fetch(WAITERS(sem), 1, __ATOMIC_SEQ_CST);
		r = host_futex_wait(VALUE(sem), 0, -1);
		__atomic_sub_fetch(WAITERS(sem), 1, __ATOMIC_SEQ_CST);
		if ((pglite_dispatch() & PGLITE_INTERRUPTS) && r == -EINTR)
		{
			errno = EINTR;
			return -1;
		}
	}
	return 0;
}
