/*
 * Signals. The host adds a bit to pglite_signals.pending and wakes the process; handlers run
 * in the guest: when a blocking host call returns, when a mask is changed, and in pglite_tick.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"

#define BIT(sig) (1u << ((sig) - 1))
#define LAST 31
#define DEFAULT_IGNORED (BIT(SIGCHLD) | BIT(SIGURG) | BIT(SIGWINCH) | BIT(SIGCONT) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU))
#define UNBLOCKABLE (BIT(SIGKILL) | BIT(SIGSTOP))

__attribute__((used, visibility("default"))) struct pglite_signals pglite_signals = {0, 0, DEFAULT_IGNORED, 0};
static struct sigaction actions[LAST + 1];

/* The handlers that are running, and the mask that was blocked before the first of them. */
static int depth;
static uint32_t outer_mask;

/*
 * A longjmp out of handlers ends them: the mask of before counts again, as sigsetjmp with a saved mask means it. Emscripten's
 * sigsetjmp is setjmp. Linked with -Wl,--wrap=emscripten_longjmp.
 */
extern _Noreturn void __real_emscripten_longjmp(uintptr_t env, int value);

_Noreturn void
__wrap_emscripten_longjmp(uintptr_t env, int value)
{
	if (depth > 0)
	{
		depth = 0;
		pglite_signals.blocked = outer_mask;
	}
	__real_emscripten_longjmp(env, value);
}

static int
run(int sig)
{
	struct sigaction act = actions[sig];
	uint32_t saved = pglite_signals.blocked;

	if (act.sa_handler == SIG_DFL)
		host_die(sig);
	if (depth++ == 0)
		outer_mask = saved;
	pglite_signals.blocked = (saved | act.sa_mask.__bits[0] | ((act.sa_flags & SA_NODEFER) ? 0 : BIT(sig))) & ~UNBLOCKABLE;
	if (act.sa_flags & SA_RESETHAND)
		actions[sig].sa_handler = SIG_DFL;
	if (act.sa_flags & SA_SIGINFO)
	{
		siginfo_t info;

		memset(&info, 0, sizeof info);
		info.si_signo = sig;
		act.sa_sigaction(sig, &info, NULL);
	}
	else
		act.sa_handler(sig);
	pglite_signals.blocked = saved;
	if (depth > 0)
		depth--;
	return (act.sa_flags & SA_RESTART) ? PGLITE_RAN : PGLITE_RAN | PGLITE_INTERRUPTS;
}

int
pglite_dispatch(void)
{
	uint32_t ready;
	int ran = 0;

	while ((ready = pglite_signals.pending & ~pglite_signals.blocked) != 0)
	{
		int sig = __builtin_ctz(ready) + 1;

		__atomic_and_fetch(&pglite_signals.pending, ~BIT(sig), __ATOMIC_SEQ_CST);
		if (pglite_signals.ignored & BIT(sig))
			continue;
		ran |= run(sig);
	}
	return ran;
}

int
sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	if (sig < 1 || sig > LAST)
	{
		errno = EINVAL;
		return -1;
	}
	if (old)
		*old = actions[sig];
	if (!act)
		return 0;
	if (BIT(sig) & UNBLOCKABLE)
	{
		errno = EINVAL;
		return -1;
	}
	actions[sig] = *act;
	if (act->sa_handler == SIG_IGN || (act->sa_handler == SIG_DFL && (BIT(sig) & DEFAULT_IGNORED)))
	{
		pglite_signals.ignored |= BIT(sig);
		__atomic_and_fetch(&pglite_signals.pending, ~BIT(sig), __ATOMIC_SEQ_CST);
	}
	else
		pglite_signals.ignored &= ~BIT(sig);
	return 0;
}

int __sigaction(int sig, const struct sigaction *act, struct sigaction *old) __attribute__((alias("sigaction")));

void
(*signal(int sig, void (*handler) (int))) (int)
{
	struct sigaction act, old;

	memset(&act, 0, sizeof act);
	act.sa_handler = handler;
	act.sa_flags = SA_RESTART;
	return sigaction(sig, &act, &old) < 0 ? SIG_ERR : old.sa_handler;
}

int
sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	uint32_t mask = pglite_signals.blocked;

	if (old)
	{
		memset(old, 0, sizeof *old);
		old->__bits[0] = mask;
	}
	if (!set)
		return 0;
	switch (how)
	{
		case SIG_BLOCK:
			mask |= set->__bits[0];
			break;
		case SIG_UNBLOCK:
			mask &= ~set->__bits[0];
			break;
		case SIG_SETMASK:
			mask = set->__bits[0];
			break;
		default:
			errno = EINVAL;
			return -1;
	}
	pglite_signals.blocked = mask & ~UNBLOCKABLE;
	pglite_dispatch();
	return 0;
}

int
pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	return sigprocmask(how, set, old) < 0 ? errno : 0;
}

int
sigpending(sigset_t *set)
{
	memset(set, 0, sizeof *set);
	set->__bits[0] = pglite_signals.pending;
	return 0;
}

int
sigsuspend(const sigset_t *set)
{
	uint32_t saved = pglite_signals.blocked;

	pglite_signals.blocked = set->__bits[0] & ~UNBLOCKABLE;
	while (!pglite_dispatch())
		host_poll(NULL, 0, -1);
	pglite_signals.blocked = saved;
	errno = EINTR;
	return -1;
}

int
pause(void)
{
	while (!pglite_dispatch())
		host_poll(NULL, 0, -1);
	errno = EINTR;
	return -1;
}

/* take takes one pending signal of a set; 0 when there is none. */
static int
take(uint32_t wanted)
{
	uint32_t found = pglite_signals.pending & wanted;

	if (!found)
		return 0;
	found = __builtin_ctz(found);
	__atomic_and_fetch(&pglite_signals.pending, ~(1u << found), __ATOMIC_SEQ_CST);
	return found + 1;
}

/*
 * await waits for a signal of a set, or fails: EINTR when another one has come, EAGAIN at the deadline (-1: there is none). No handler
 * runs meanwhile: the host must see the set as not blocked, or it does not wake us, so pglite_tick is told to dispatch nothing.
 */
static int
await(uint32_t wanted, int64_t deadline)
{
	uint32_t blocked = pglite_signals.blocked;
	int sig;

	while (!(sig = take(wanted)))
	{
		int64_t left = deadline < 0 ? -1 : deadline - host_clock(CLOCK_MONOTONIC);

		if (pglite_signals.pending & ~blocked & ~pglite_signals.ignored)
			return -EINTR;
		if (deadline >= 0 && left <= 0)
			return -EAGAIN;
		host_poll(NULL, 0, left < 0 ? -1 : left / 1000000 > INT_MAX - 1 ? INT_MAX : (int) (left / 1000000 + 1));
	}
	return sig;
}

int
sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info, const struct timespec *restrict timeout)
{
	uint32_t wanted = set->__bits[0] & ~UNBLOCKABLE;
	struct pglite_signals before = pglite_signals;
	int64_t deadline = timeout ? host_clock(CLOCK_MONOTONIC) + timeout->tv_sec * 1000000000LL + timeout->tv_nsec : -1;
	int sig;

	pglite_signals.ready = 0;
	pglite_signals.ignored &= ~wanted;
	pglite_signals.blocked &= ~wanted;
	sig = await(wanted, deadline);
	pglite_signals.blocked = before.blocked;
	pglite_signals.ignored = before.ignored;
	pglite_signals.ready = before.ready;
	pglite_dispatch();
	if (sig > 0 && info)
	{
		memset(info, 0, sizeof *info);
		info->si_signo = sig;
	}
	return pglite_fail(sig);
}

int
sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
	return sigtimedwait(set, info, NULL);
}

/* A handler that has run does not end it. */
int
sigwait(const sigset_t *restrict set, int *restrict sig)
{
	int r;

	do
		r = sigtimedwait(set, NULL, NULL);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return errno;
	*sig = r;
	return 0;
}

int
kill(pid_t pid, int sig)
{
	int r = host_kill(pid, sig);

	pglite_dispatch();
	return pglite_fail(r);
}

int
raise(int sig)
{
	return kill(getpid(), sig);
}

int
killpg(pid_t group, int sig)
{
	return kill(-group, sig);
}
