/*
 * Calls that may block. The host returns -EINTR when a signal has come that is neither blocked
 * nor ignored; its handler runs before the call returns, or, when it has SA_RESTART, before the call begins anew
 * (poll, select and sleeping are never begun anew: signal(7)).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "abi.h"

static int
finish(int r)
{
	pglite_dispatch();
	return r;
}

/* again: whether a call that ended with r is to begin anew. */
static int
again(int r)
{
	return !(pglite_dispatch() & PGLITE_INTERRUPTS) && r == -EINTR;
}

static ssize_t
transfer(int (*move) (int, const void *, int, size_t *), int fd, const void *iov, int count)
{
	size_t done = 0;
	int r;

	do
		r = move(fd, iov, count, &done);
	while (again(r));
	return pglite_fail(r) < 0 ? -1 : (ssize_t) done;
}

/* An imported function must not be called through the function table. */
static int do_read(int fd, const void *iov, int count, size_t *done) { return host_read(fd, iov, count, done); }
static int do_write(int fd, const void *iov, int count, size_t *done) { return host_write(fd, iov, count, done); }

ssize_t readv(int fd, const struct iovec *iov, int count) { return transfer(do_read, fd, iov, count); }
ssize_t writev(int fd, const struct iovec *iov, int count) { return transfer(do_write, fd, iov, count); }

ssize_t
read(int fd, void *buffer, size_t length)
{
	struct iovec iov = {buffer, length};

	return transfer(do_read, fd, &iov, 1);
}

ssize_t
write(int fd, const void *buffer, size_t length)
{
	struct iovec iov = {(void *) buffer, length};

	return transfer(do_write, fd, &iov, 1);
}

/* What the libc's stdio calls. */
int stdio_read(int fd, const void *iov, int count, size_t *done) __asm__("__wasi_fd_read");
int stdio_write(int fd, const void *iov, int count, size_t *done) __asm__("__wasi_fd_write");

int
stdio_read(int fd, const void *iov, int count, size_t *done)
{
	int r;

	do
		r = host_read(fd, iov, count, done);
	while (again(r));
	return -r;
}

int
stdio_write(int fd, const void *iov, int count, size_t *done)
{
	int r;

	do
		r = host_write(fd, iov, count, done);
	while (again(r));
	return -r;
}

extern long __syscall_ioctl(long fd, long request, ...);

int
isatty(int fd)
{
	struct winsize size;

	return pglite_fail(__syscall_ioctl(fd, TIOCGWINSZ, &size)) == 0;
}

int
poll(struct pollfd *fds, nfds_t count, int timeout)
{
	return pglite_fail(finish(host_poll(fds, count, timeout)));
}

int
ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	int ms = timeout ? timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000 : -1;

	return poll(fds, count, ms);
}

static short
wanted(int fd, const fd_set *r, const fd_set *w, const fd_set *e)
{
	return (r && FD_ISSET(fd, r) ? POLLIN : 0) | (w && FD_ISSET(fd, w) ? POLLOUT : 0) | (e && FD_ISSET(fd, e) ? POLLPRI : 0);
}

int
select(int n, fd_set *restrict r, fd_set *restrict w, fd_set *restrict e, struct timeval *restrict timeout)
{
	struct pollfd fds[FD_SETSIZE];
	int count = 0;
	int ready = 0;
	int ms = timeout ? timeout->tv_sec * 1000 + (timeout->tv_usec + 999) / 1000 : -1;

	for (int fd = 0; fd < n && fd < FD_SETSIZE; fd++)
	{
		short events = wanted(fd, r, w, e);

		if (events)
			fds[count++] = (struct pollfd) {fd, events, 0};
	}
	if (poll(fds, count, ms) < 0)
		return -1;
	if (r)
		FD_ZERO(r);
	if (w)
		FD_ZERO(w);
	if (e)
		FD_ZERO(e);
	for (int i = 0; i < count; i++)
	{
		short got = fds[i].revents;

		if (r && (fds[i].events & POLLIN) && (got & (POLLIN | POLLHUP | POLLERR)))
			FD_SET(fds[i].fd, r), ready++;
		if (w && (fds[i].events & POLLOUT) && (got & (POLLOUT | POLLERR)))
			FD_SET(fds[i].fd, w), ready++;
		if (e && (got & POLLPRI))
			FD_SET(fds[i].fd, e), ready++;
	}
	return ready;
}

int
accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict length, int flags)
{
	int r;

	do
		r = host_accept(fd, address, (uint32_t *) length, flags);
	while (again(r));
	return pglite_fail(r);
}

int
accept(int fd, struct sockaddr *restrict address, socklen_t *restrict length)
{
	return accept4(fd, address, length, 0);
}

int
connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return pglite_fail(finish(host_connect(fd, address, length)));
}

ssize_t
recv(int fd, void *buffer, size_t length, int flags)
{
	int r;

	do
		r = host_recv(fd, buffer, length, flags);
	while (again(r));
	return pglite_fail(r);
}

ssize_t
recvfrom(int fd, void *restrict buffer, size_t length, int flags, struct sockaddr *restrict address, socklen_t *restrict size)
{
	if (size)
		*size = 0;
	return recv(fd, buffer, length, flags);
}

ssize_t
send(int fd, const void *buffer, size_t length, int flags)
{
	int r;

	do
		r = host_send(fd, buffer, length, flags);
	while (again(r));
	return pglite_fail(r);
}

ssize_t
sendto(int fd, const void *buffer, size_t length, int flags, const struct sockaddr *address, socklen_t size)
{
	return send(fd, buffer, length, flags);
}

/* Whether a descriptor is open, for musl's dup2, fchmod and others. */
int
__wasi_fd_is_valid(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* The result of a WASI call as a libc function gives it; both number errors alike. */
int
__wasi_syscall_ret(int code)
{
	return pglite_fail(-code);
}
