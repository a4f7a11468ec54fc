/* Processes: identity, waiting for children, and what a single user has of passwords. */
#include <errno.h>
#include <pwd.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi.h"

#define UID 1000

pid_t getpid(void) { return host_getpid(); }
pid_t getppid(void) { return host_getppid(); }
pid_t setsid(void) { return pglite_fail(host_setsid()); }
pid_t getpgrp(void) { return host_getpid(); }
pid_t getpgid(pid_t pid) { return pid ? pid : host_getpid(); }
int setpgid(pid_t pid, pid_t group) { return 0; }
uid_t getuid(void) { return UID; }
uid_t geteuid(void) { return UID; }
gid_t getgid(void) { return UID; }
gid_t getegid(void) { return UID; }
int chown(const char *path, uid_t u, gid_t g) { return 0; }
int fchown(int fd, uid_t u, gid_t g) { return 0; }
int lchown(const char *path, uid_t u, gid_t g) { return 0; }
int nice(int n) { return 0; }

pid_t
wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	int r;

	if (usage)
		memset(usage, 0, sizeof *usage);
	do
	{
		r = host_wait(pid, status, options);
	} while (!(pglite_dispatch() & PGLITE_INTERRUPTS) && r == -EINTR);
	return pglite_fail(r);
}

pid_t waitpid(pid_t pid, int *status, int options) { return wait4(pid, status, options, NULL); }
pid_t wait(int *status) { return wait4(-1, status, 0, NULL); }

int
execve(const char *path, char *const argv[], char *const envp[])
{
	errno = ENOSYS;
	return -1;
}

int execv(const char *path, char *const argv[]) { return execve(path, argv, NULL); }
int execvp(const char *path, char *const argv[]) { return execve(path, argv, NULL); }
int execl(const char *path, const char *arg, ...) { return execve(path, NULL, NULL); }
int execlp(const char *path, const char *arg, ...) { return execve(path, NULL, NULL); }

int
uname(struct utsname *name)
{
	memset(name, 0, sizeof *name);
	strcpy(name->sysname, "pglite");
	strcpy(name->nodename, "localhost");
	strcpy(name->release, "1");
	strcpy(name->version, "1");
	strcpy(name->machine, "wasm32");
	return 0;
}

int
gethostname(char *name, size_t length)
{
	strncpy(name, "localhost", length);
	return 0;
}

/* The stack of 4 MiB makes PostgreSQL's max_stack_depth 2 MiB. */
int
getrlimit(int resource, struct rlimit *limit)
{
	limit->rlim_cur = limit->rlim_max = RLIM_INFINITY;
	if (resource == RLIMIT_STACK)
		limit->rlim_cur = limit->rlim_max = 4 << 20;
	if (resource == RLIMIT_NOFILE)
		limit->rlim_cur = limit->rlim_max = 1024;
	return 0;
}

int setrlimit(int resource, const struct rlimit *limit) { return 0; }

/* CPU time of a goroutine is not to be had: the time since the host started stands for it. */
int
getrusage(int who, struct rusage *usage)
{
	int64_t now = host_clock(2);

	memset(usage, 0, sizeof *usage);
	usage->ru_utime.tv_sec = now / 1000000000;
	usage->ru_utime.tv_usec = now % 1000000000 / 1000;
	return 0;
}

/* One user: the name is $USER, else postgres. */
static struct passwd *
the_user(void)
{
	static struct passwd user;
	char *name = getenv("USER");
	char *home = getenv("HOME");

	user.pw_name = name && *name ? name : "postgres";
	user.pw_passwd = "";
	user.pw_uid = user.pw_gid = UID;
	user.pw_gecos = "";
	user.pw_dir = home && *home ? home : "/";
	user.pw_shell = "";
	return &user;
}

struct passwd *getpwuid(uid_t uid) { return uid == UID ? the_user() : NULL; }
struct passwd *getpwnam(const char *name) { return strcmp(name, the_user()->pw_name) == 0 ? the_user() : NULL; }

static int
give(struct passwd *found, struct passwd *out, struct passwd **result)
{
	*result = NULL;
	if (found)
	{
		*out = *found;
		*result = out;
	}
	return 0;
}

int
getpwuid_r(uid_t uid, struct passwd *out, char *buffer, size_t size, struct passwd **result)
{
	return give(getpwuid(uid), out, result);
}

int
getpwnam_r(const char *name, struct passwd *out, char *buffer, size_t size, struct passwd **result)
{
	return give(getpwnam(name), out, result);
}

struct group *getgrgid(gid_t gid) { return NULL; }
struct group *getgrnam(const char *name) { return NULL; }

int
getgrnam_r(const char *name, struct group *out, char *buffer, size_t size, struct group **result)
{
	*result = NULL;
	return 0;
}
