/*
 * Memory mappings. Private ones are allocated memory. A shared one is allocated memory of whole
 * 64 KiB pages that the host replaces by the shared object's.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "abi.h"

#define PAGE 65536
#define ROUND(n) (((n) + PAGE - 1) & ~(size_t) (PAGE - 1))

static struct mapping
{
	struct mapping *next;
	char *address;
	size_t length;
	int shared;
} *mappings;

static void *
remember(char *address, size_t length, int shared)
{
	struct mapping *m = malloc(sizeof *m);

	if (!m)
	{
		errno = ENOMEM;
		return MAP_FAILED;
	}
	*m = (struct mapping) {mappings, address, length, shared};
	mappings = m;
	return address;
}

static int
load_file(char *address, size_t length, int fd, off_t offset)
{
	size_t done = 0;

	while (done < length)
	{
		ssize_t n = pread(fd, address + done, length - done, offset + done);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += n;
	}
	return 0;
}

void *
mmap(void *start, size_t length, int prot, int flags, int fd, off_t offset)
{
	size_t size = ROUND(length);
	int shared = (flags & MAP_SHARED) != 0;
	char *address;
	void *result;
	int r = 0;

	if (length == 0 || (flags & MAP_FIXED))
	{
		errno = EINVAL;
		return MAP_FAILED;
	}
	if (flags & MAP_ANONYMOUS)
		fd = -1;
	if (size < length || !(address = memalign(PAGE, size)))
	{
		errno = ENOMEM;
		return MAP_FAILED;
	}
	if (shared)
		r = pglite_fail(host_map_shared(address, size, fd, offset));
	else
	{
		memset(address, 0, size);
		if (fd >= 0)
			r = load_file(address, length, fd, offset);
	}
	result = r < 0 ? MAP_FAILED : remember(address, size, shared);
	if (result == MAP_FAILED)
	{
		if (shared && r >= 0)
			host_unmap(address, size);
		free(address);
	}
	return result;
}

int
munmap(void *start, size_t length)
{
	struct mapping **at = &mappings;
	struct mapping *m;

	while ((m = *at) && m->address != start)
		at = &m->next;
	if (!m || m->length != ROUND(length))
	{
		errno = EINVAL;			/* parts of a mapping are not unmapped */
		return -1;
	}
	*at = m->next;
	if (m->shared)
		host_unmap(m->address, m->length);
	free(m->address);
	free(m);
	return 0;
}

int msync(void *start, size_t length, int flags) { return 0; }
int mprotect(void *start, size_t length, int prot) { return 0; }
int madvise(void *start, size_t length, int advice) { return 0; }

/* System V shared memory: PostgreSQL keeps one small segment as an interlock. */
int
shmget(key_t key, size_t size, int flags)
{
	return pglite_fail(host_shmget(key, size, flags));
}

void *
shmat(int id, const void *where, int flags)
{
	int size = pglite_fail(host_shmsize(id));
	char *address;

	if (size < 0)
		return (void *) -1;
	if (!(address = memalign(PAGE, ROUND(size))))
	{
		errno = ENOMEM;
		return (void *) -1;
	}
	if (pglite_fail(host_shmat(id, address)) < 0)
	{
		free(address);
		return (void *) -1;
	}
	return address;
}

int
shmdt(const void *address)
{
	if (pglite_fail(host_shmdt((void *) address)) < 0)
		return -1;
	free((void *) address);
	return 0;
}

int
shmctl(int id, int command, struct shmid_ds *ds)
{
	uint32_t attached = 0;
	uint64_t size = 0;

	if (pglite_fail(host_shmctl(id, command, &attached, &size)) < 0)
		return -1;
	if (ds && (command) == IPC_STAT)
	{
		memset(ds, 0, sizeof *ds);
		ds->shm_segsz = size;
		ds->shm_nattch = attached;
		ds->shm_perm.uid = ds->shm_perm.cuid = getuid();
		ds->shm_perm.mode = 0600;
	}
	return 0;
}
