/* fork in programs other than the server. */
#include <errno.h>
#include <unistd.h>

pid_t
fork(void)
{
	errno = ENOSYS;
	return -1;
}
