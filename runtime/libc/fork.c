/*
 * fork in the postmaster. It forks in one place, postmaster_child_launch, and a child's main
 * function never returns: the child needs no copy of the WebAssembly call stack. The wrapped
 * postmaster_child_launch remembers its arguments. The host gives the child a copy of the memory
 * and calls pglite_child_main there, which enters the same launch again; in it fork returns 0.
 * Linked into the server only, with -Wl,--wrap=postmaster_child_launch.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi.h"

/* BackendType is an enum; ClientSocket is only passed on. */
#if PGLITE_PG_MAJOR >= 18
#define PARAMETERS int type, int slot, void *data, size_t length, void *socket
#define ARGUMENTS type, slot, data, length, socket
#else
#define PARAMETERS int type, char *data, size_t length, void *socket
#define ARGUMENTS type, data, length, socket
#endif

extern int __real_postmaster_child_launch(PARAMETERS);

static struct
{
	int type;
	int slot;
	void *data;
	size_t length;
	void *socket;
	int active;					/* in a launch, the parent's or the child's */
	int in_child;
} launch;

int
__wrap_postmaster_child_launch(PARAMETERS)
{
	int pid;

	launch.type = type;
#if PGLITE_PG_MAJOR >= 18
	launch.slot = slot;
#endif
	launch.data = data;
	launch.length = length;
	launch.socket = socket;
	launch.active = 1;
	pid = __real_postmaster_child_launch(ARGUMENTS);
	launch.active = 0;
	return pid;
}

static void
enter_launch(int type, int slot, void *data, size_t length, void *socket)
{
#if PGLITE_PG_MAJOR >= 18
	__real_postmaster_child_launch(type, slot, data, length, socket);
#else
	__real_postmaster_child_launch(type, data, length, socket);
#endif
}

/* The real launch writes into the startup data before it forks: the child keeps the parent's. */
static void *saved_data;

__attribute__((export_name("pglite_child_main"))) void
pglite_child_main(void)
{
	launch.in_child = 1;
	if (launch.data && launch.length > 0)
	{
		saved_data = malloc(launch.length);
		if (!saved_data)
			host_die(6);
		memcpy(saved_data, launch.data, launch.length);
	}
	enter_launch(launch.type, launch.slot, launch.data, launch.length, launch.socket);
	host_die(6);				/* a child's main function never returns */
}

pid_t
fork(void)
{
	int pid;

	if (!launch.active)
	{
		errno = ENOSYS;
		return -1;
	}
	if (launch.in_child)
	{
		if (saved_data)
			memcpy(launch.data, saved_data, launch.length);
		free(saved_data);
		launch.active = launch.in_child = 0;
		return 0;
	}
	pid = host_fork();
	pglite_dispatch();
	return pglite_fail(pid);
}
