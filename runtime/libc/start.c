/*
 * How a program begins and ends: the export pglite_start, which the host calls in a new
 * instance, and exit. pglite_tick is called by the code that the module rewriter puts at the
 * head of loops, every so many rounds.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "abi.h"

extern int main(int argc, char **argv);
extern void __wasm_call_ctors(void);
extern void __funcs_on_exit(void);
extern void __stdio_exit(void);
extern void *stackSave(void);
extern void stackRestore(void *);

char **__environ;
extern char **___environ __attribute__((alias("__environ")));
extern char **_environ __attribute__((weak, alias("__environ")));
extern char **environ __attribute__((weak, alias("__environ")));

int
pglite_fail(int code)
{
	if (code >= 0)
		return code;
	errno = -code;
	return -1;
}

static char **
load_strings(void (*sizes) (uint32_t *, uint32_t *), void (*fill) (char **, char *), uint32_t *count)
{
	uint32_t bytes;
	char **list;
	char *text;

	sizes(count, &bytes);
	list = malloc((*count + 1) * sizeof(char *));
	text = malloc(bytes + 1);
	if (!list || !text)
		host_die(6);
	fill(list, text);
	list[*count] = NULL;
	return list;
}

/* An imported function must not be called through the function table. */
static void arg_sizes(uint32_t *c, uint32_t *b) { host_args_sizes(c, b); }
static void arg_fill(char **l, char *t) { host_args(l, t); }
static void env_sizes(uint32_t *c, uint32_t *b) { host_environ_sizes(c, b); }
static void env_fill(char **l, char *t) { host_environ(l, t); }

__attribute__((export_name("pglite_start"))) void
pglite_start(void)
{
	uint32_t argc, envc;
	char **argv;

	__wasm_call_ctors();
	argv = load_strings(arg_sizes, arg_fill, &argc);
	__environ = load_strings(env_sizes, env_fill, &envc);
	pglite_signals.ready = 1;
	exit(main(argc, argv));
}

_Noreturn void
_Exit(int status)
{
	host_exit(status);
}

_Noreturn void
_exit(int status)
{
	host_exit(status);
}

_Noreturn void
exit(int status)
{
	__funcs_on_exit();
	__stdio_exit();
	host_exit(status);
}

_Noreturn void
abort(void)
{
	host_die(6);
}

/*
 * The interrupted function may keep data in the 128 bytes below the stack pointer without
 * having moved it, so the handlers' stack begins below those. pglite_tick itself must not
 * use the stack before that.
 */
static __attribute__((noinline)) void
tick_slow(void)
{
	char *sp = stackSave();

	stackRestore((void *) (((uintptr_t) sp - 256) & ~(uintptr_t) 15));
	pglite_dispatch();
	stackRestore(sp);
}

__attribute__((export_name("pglite_tick"))) void
pglite_tick(void)
{
	host_yield();
	if (pglite_signals.ready && (pglite_signals.pending & ~pglite_signals.blocked))
		tick_slow();
}
