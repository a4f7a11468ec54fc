/*
 * The host functions of module "pglite": what PostgreSQL expects of an operating system and
 * Emscripten's imports have no words for. Each returns a negated errno (WASI numbering) on
 * failure. Their other side is engine/internal/emscripten.
 */
#ifndef PGLITE_ABI_H
#define PGLITE_ABI_H

#include <stddef.h>
#include <stdint.h>

#define HOST(name) __attribute__((import_module("pglite"), import_name(#name))) extern

/* processes */
HOST(fork) int host_fork(void);
HOST(spawn) int host_spawn(const char *command, int in, int out, int err, char **environment);
HOST(kill) int host_kill(int pid, int signal);
HOST(wait) int host_wait(int pid, int *status, int options);
HOST(getpid) int host_getpid(void);
HOST(getppid) int host_getppid(void);
HOST(setsid) int host_setsid(void);
HOST(exit) _Noreturn void host_exit(int status);
HOST(die) _Noreturn void host_die(int signal);
HOST(args_sizes) void host_args_sizes(uint32_t *count, uint32_t *bytes);
HOST(args) void host_args(char **argv, char *bytes);
HOST(environ_sizes) void host_environ_sizes(uint32_t *count, uint32_t *bytes);
HOST(environ) void host_environ(char **envp, char *bytes);
HOST(yield) void host_yield(void);

/* time, in nanoseconds */
HOST(clock) int64_t host_clock(int clock);
HOST(sleep) int host_sleep(int64_t ns, int64_t *left);
HOST(setitimer) int host_setitimer(int64_t first, int64_t interval, int64_t *old_first, int64_t *old_interval);

/* waiting */
HOST(futex_wait) int host_futex_wait(volatile int *address, int value, int64_t timeout_ns);
HOST(futex_wake) int host_futex_wake(volatile int *address, int count);
HOST(poll) int host_poll(void *fds, uint32_t count, int timeout_ms);

/* input and output that may block */
HOST(read) int host_read(int fd, const void *iov, int count, size_t *done);
HOST(write) int host_write(int fd, const void *iov, int count, size_t *done);
HOST(accept) int host_accept(int fd, void *address, uint32_t *length, int flags);
HOST(connect) int host_connect(int fd, const void *address, uint32_t length);
HOST(recv) int host_recv(int fd, void *buffer, size_t length, int flags);
HOST(send) int host_send(int fd, const void *buffer, size_t length, int flags);

/* the addresses of the host's network interfaces; returns how many of them it has written, count at most */
struct host_interface
{
	uint32_t family;			/* AF_INET or AF_INET6 */
	uint8_t address[16];		/* of an IPv4 one the first 4 bytes */
	uint8_t mask[16];
};
HOST(interfaces) int host_interfaces(struct host_interface *list, uint32_t count);

/*
 * TLS, which the host takes off before a connection comes here. tls_own reports whether the host has a certificate of its own.
 * tls_configure gives it what ssl_cert_file, ssl_key_file and ssl_ca_file hold (NULL: none, and the host's own certificate stays)
 * and the range of versions, as enum ssl_protocol_versions; on failure it writes a message. tls_state writes what is asked for of
 * the TLS of a connection and returns its length, -ENOTCONN for one without TLS.
 */
enum host_tls_item
{
	HOST_TLS_VERSION,			/* TLSv1.3 */
	HOST_TLS_CIPHER,			/* OpenSSL's name */
	HOST_TLS_BITS,				/* decimal */
	HOST_TLS_ALPN,				/* empty unless the client asked for PostgreSQL's protocol */
	HOST_TLS_CERTIFICATE_HASH,	/* bytes: RFC 5929, tls-server-end-point */
	/* the client's certificate, which has been verified; all empty when there is none */
	HOST_TLS_SUBJECT,			/* /C=…/CN=… */
	HOST_TLS_ISSUER,
	HOST_TLS_SERIAL,			/* decimal */
	HOST_TLS_COMMON_NAME,
	HOST_TLS_DISTINGUISHED_NAME	/* RFC 2253 */
};
HOST(tls_own) int host_tls_own(void);
HOST(tls_configure) int host_tls_configure(const char *certificate, const char *key, const char *authorities, int min, int max, char *message, size_t room);
HOST(tls_disable) void host_tls_disable(void);
HOST(tls_state) int host_tls_state(int fd, int item, char *value, size_t room);

/* files: struct stat and timestamps in a layout that no libc decides */
struct host_stat
{
	uint64_t dev;
	uint64_t ino;
	uint32_t mode;
	uint32_t nlink;
	uint32_t uid;
	uint32_t gid;
	uint64_t rdev;
	int64_t size;
	int64_t blksize;
	int64_t blocks;
	int64_t atime, mtime, ctime;	/* seconds */
	int32_t atime_ns, mtime_ns, ctime_ns, reserved;
};
HOST(stat) int host_stat(int dirfd, const char *path, struct host_stat *st, int flags);
HOST(fstat) int host_fstat(int fd, struct host_stat *st);
HOST(utimens) int host_utimens(int dirfd, const char *path, int64_t asec, int ansec, int64_t msec, int mnsec, int flags);

/* shared memory; addresses are multiples of 64 KiB */
HOST(map_shared) int host_map_shared(void *address, size_t length, int fd, int64_t offset);
HOST(unmap) int host_unmap(void *address, size_t length);
HOST(shmget) int host_shmget(int key, size_t size, int flags);
HOST(shmsize) int host_shmsize(int id);
HOST(shmat) int host_shmat(int id, void *address);
HOST(shmdt) int host_shmdt(void *address);
HOST(shmctl) int host_shmctl(int id, int command, uint32_t *attached, uint64_t *size);

/* of this library */
extern struct pglite_signals
{
	volatile uint32_t pending;	/* the host adds bits */
	volatile uint32_t blocked;	/* the host reads */
	volatile uint32_t ignored;	/* the host reads */
	volatile uint32_t ready;	/* constructors have run: signals may be dispatched */
} pglite_signals;
int pglite_dispatch(void);	/* runs the handlers of pending signals: bits of what ran */
#define PGLITE_RAN 1			/* a handler */
#define PGLITE_INTERRUPTS 2		/* one without SA_RESTART: a call that waits fails with EINTR */
int pglite_fail(int code);	/* sets errno from a negated one; returns code when it is no failure */

#endif
