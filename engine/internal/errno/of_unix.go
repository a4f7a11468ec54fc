//go:build unix

package errno

import "syscall"

// hostNumber pairs a number of the host with the guest's of the same name.
type hostNumber struct {
	host  syscall.Errno
	guest Errno
}

// hostNumbers lists what all Unix systems have in common. It is a list and not
// a map because ENOTSUP and EOPNOTSUPP are one number on Linux and two on macOS.
var hostNumbers = []hostNumber{
	{syscall.E2BIG, E2BIG},
	{syscall.EACCES, EACCES},
	{syscall.EADDRINUSE, EADDRINUSE},
	{syscall.EADDRNOTAVAIL, EADDRNOTAVAIL},
	{syscall.EAFNOSUPPORT, EAFNOSUPPORT},
	{syscall.EAGAIN, EAGAIN},
	{syscall.EALREADY, EALREADY},
	{syscall.EBADF, EBADF},
	{syscall.EBADMSG, EBADMSG},
	{syscall.EBUSY, EBUSY},
	{syscall.ECANCELED, ECANCELED},
	{syscall.ECHILD, ECHILD},
	{syscall.ECONNABORTED, ECONNABORTED},
	{syscall.ECONNREFUSED, ECONNREFUSED},
	{syscall.ECONNRESET, ECONNRESET},
	{syscall.EDEADLK, EDEADLK},
	{syscall.EDESTADDRREQ, EDESTADDRREQ},
	{syscall.EDOM, EDOM},
	{syscall.EDQUOT, EDQUOT},
	{syscall.EEXIST, EEXIST},
	{syscall.EFAULT, EFAULT},
	{syscall.EFBIG, EFBIG},
	{syscall.EHOSTUNREACH, EHOSTUNREACH},
	{syscall.EIDRM, EIDRM},
	{syscall.EILSEQ, EILSEQ},
	{syscall.EINPROGRESS, EINPROGRESS},
	{syscall.EINTR, EINTR},
	{syscall.EINVAL, EINVAL},
	{syscall.EIO, EIO},
	{syscall.EISCONN, EISCONN},
	{syscall.EISDIR, EISDIR},
	{syscall.ELOOP, ELOOP},
	{syscall.EMFILE, EMFILE},
	{syscall.EMLINK, EMLINK},
	{syscall.EMSGSIZE, EMSGSIZE},
	{syscall.EMULTIHOP, EMULTIHOP},
	{syscall.ENAMETOOLONG, ENAMETOOLONG},
	{syscall.ENETDOWN, ENETDOWN},
	{syscall.ENETRESET, ENETRESET},
	{syscall.ENETUNREACH, ENETUNREACH},
	{syscall.ENFILE, ENFILE},
	{syscall.ENOBUFS, ENOBUFS},
	{syscall.ENODEV, ENODEV},
	{syscall.ENOENT, ENOENT},
	{syscall.ENOEXEC, ENOEXEC},
	{syscall.ENOLCK, ENOLCK},
	{syscall.ENOLINK, ENOLINK},
	{syscall.ENOMEM, ENOMEM},
	{syscall.ENOMSG, ENOMSG},
	{syscall.ENOPROTOOPT, ENOPROTOOPT},
	{syscall.ENOSPC, ENOSPC},
	{syscall.ENOSYS, ENOSYS},
	{syscall.ENOTCONN, ENOTCONN},
	{syscall.ENOTDIR, ENOTDIR},
	{syscall.ENOTEMPTY, ENOTEMPTY},
	{syscall.ENOTRECOVERABLE, ENOTRECOVERABLE},
	{syscall.ENOTSOCK, ENOTSOCK},
	{syscall.ENOTTY, ENOTTY},
	{syscall.ENXIO, ENXIO},
	{syscall.EOVERFLOW, EOVERFLOW},
	{syscall.EOWNERDEAD, EOWNERDEAD},
	{syscall.EPERM, EPERM},
	{syscall.EPIPE, EPIPE},
	{syscall.EPROTO, EPROTO},
	{syscall.EPROTONOSUPPORT, EPROTONOSUPPORT},
	{syscall.EPROTOTYPE, EPROTOTYPE},
	{syscall.ERANGE, ERANGE},
	{syscall.EROFS, EROFS},
	{syscall.ESPIPE, ESPIPE},
	{syscall.ESRCH, ESRCH},
	{syscall.ESTALE, ESTALE},
	{syscall.ETIMEDOUT, ETIMEDOUT},
	{syscall.ETXTBSY, ETXTBSY},
	{syscall.EXDEV, EXDEV},
	{syscall.ENOTBLK, ENOTBLK},
	{syscall.ENODATA, ENODATA},
	{syscall.EREMOTE, EREMOTE},
	{syscall.EUSERS, EUSERS},
	{syscall.ESOCKTNOSUPPORT, ESOCKTNOSUPPORT},
	{syscall.ENOTSUP, ENOTSUP},
	{syscall.EOPNOTSUPP, EOPNOTSUPP},
	{syscall.EPFNOSUPPORT, EPFNOSUPPORT},
	{syscall.ESHUTDOWN, ESHUTDOWN},
	{syscall.ETOOMANYREFS, ETOOMANYREFS},
	{syscall.EHOSTDOWN, EHOSTDOWN},
}

// byHost is indexed by the host's number; zero where it has no counterpart.
var byHost = index(hostNumbers)

func index(numbers []hostNumber) []Errno {
	var table []Errno
	for _, n := range numbers {
		for int(n.host) >= len(table) {
			table = append(table, 0)
		}
		table[n.host] = n.guest
	}
	return table
}

func ofHost(host syscall.Errno) Errno {
	if int(host) < len(byHost) && byHost[host] != 0 {
		return byHost[host]
	}
	return EIO
}
