/* popen and system. There is no shell: the host takes the command's words and redirections. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi.h"

extern char **environ;

static struct child
{
	struct child *next;
	FILE *file;
	int pid;
} *children;

FILE *
popen(const char *command, const char *mode)
{
	int reads = mode[0] == 'r';
	int ends[2];
	int pid;
	struct child *c = malloc(sizeof *c);

	if (!c || pipe(ends) < 0)
	{
		free(c);
		return NULL;
	}
	fflush(NULL);
	fcntl(ends[reads ? 0 : 1], F_SETFD, FD_CLOEXEC);
	pid = pglite_fail(reads ? host_spawn(command, 0, ends[1], 2, environ) : host_spawn(command, ends[0], 1, 2, environ));
	close(ends[reads ? 1 : 0]);
	if (pid < 0 || !(c->file = fdopen(ends[reads ? 0 : 1], reads ? "r" : "w")))
	{
		int saved = errno;

		close(ends[reads ? 0 : 1]);
		free(c);
		errno = saved;
		return NULL;
	}
	c->pid = pid;
	c->next = children;
	children = c;
	return c->file;
}

int
pclose(FILE *file)
{
	struct child **at = &children;
	struct child *c;
	int status;
	int pid;

	while ((c = *at) && c->file != file)
		at = &c->next;
	if (!c)
	{
		errno = ECHILD;
		return -1;
	}
	*at = c->next;
	pid = c->pid;
	free(c);
	fclose(file);
	return waitpid(pid, &status, 0) < 0 ? -1 : status;
}

/*
 * complain writes on standard error why a command did not start, as a shell would, and returns the status of a shell that found no
 * program.
 */
static int
complain(const char *command)
{
	dprintf(2, errno == ENOENT ? "pglite: %s: neither a program of this runtime nor a file, and there is no shell\n" :
			errno == ENOSYS ? "pglite: %s: this needs a shell, and there is none\n" : "pglite: %s: %m\n", command);
	return 127 << 8;
}

int
system(const char *command)
{
	int status;
	int pid;

	if (!command)
		return 0;
	fflush(NULL);
	pid = pglite_fail(host_spawn(command, 0, 1, 2, environ));
	if (pid < 0)
		return complain(command);
	return waitpid(pid, &status, 0) < 0 ? -1 : status;
}
