/* File status and timestamps, from the host's layout into the libc's. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/file.h>
#include <time.h>

#include "abi.h"

/* engine/internal/emscripten/stat.go writes it. */
#define AT(field, offset) _Static_assert(offsetof(struct host_stat, field) == offset, #field)
AT(dev, 0); AT(ino, 8); AT(mode, 16); AT(nlink, 20); AT(uid, 24); AT(gid, 28); AT(rdev, 32); AT(size, 40); AT(blksize, 48); AT(blocks, 56);
AT(atime, 64); AT(mtime, 72); AT(ctime, 80); AT(atime_ns, 88); AT(mtime_ns, 92); AT(ctime_ns, 96);
_Static_assert(sizeof(struct host_stat) == 104, "struct host_stat");
_Static_assert(sizeof(time_t) == 8, "time_t has 64 bits");

static int
fill(int r, const struct host_stat *from, struct stat *st)
{
	if (pglite_fail(r) < 0)
		return -1;
	memset(st, 0, sizeof *st);
	st->st_dev = from->dev;
	st->st_ino = from->ino;
	st->st_mode = from->mode;
	st->st_nlink = from->nlink;
	st->st_uid = from->uid;
	st->st_gid = from->gid;
	st->st_rdev = from->rdev;
	st->st_size = from->size;
	st->st_blksize = from->blksize;
	st->st_blocks = from->blocks;
	st->st_atim = (struct timespec) {from->atime, from->atime_ns};
	st->st_mtim = (struct timespec) {from->mtime, from->mtime_ns};
	st->st_ctim = (struct timespec) {from->ctime, from->ctime_ns};
	return 0;
}

int
fstatat(int dirfd, const char *restrict path, struct stat *restrict st, int flags)
{
	struct host_stat from;

	return fill(host_stat(dirfd, path, &from, flags), &from, st);
}

int
fstat(int fd, struct stat *st)
{
	struct host_stat from;

	return fill(host_fstat(fd, &from), &from, st);
}

int stat(const char *restrict path, struct stat *restrict st) { return fstatat(AT_FDCWD, path, st, 0); }
int lstat(const char *restrict path, struct stat *restrict st) { return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW); }

int __fstat(int fd, struct stat *st) __attribute__((alias("fstat")));
int __fstatat(int dirfd, const char *restrict path, struct stat *restrict st, int flags) __attribute__((alias("fstatat")));

int
utimensat(int dirfd, const char *path, const struct timespec ts[2], int flags)
{
	static const struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};

	if (!ts)
		ts = now;
	return pglite_fail(host_utimens(dirfd, path, ts[0].tv_sec, ts[0].tv_nsec, ts[1].tv_sec, ts[1].tv_nsec, flags));
}

/* One program owns the whole tree: its processes lock by PostgreSQL's own means. */
int
flock(int fd, int operation)
{
	struct host_stat st;

	return pglite_fail(host_fstat(fd, &st));
}
