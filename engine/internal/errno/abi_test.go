package errno_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// abi is the whole of Emscripten's errno.h, in the order of its numbers: WASI's from 1 on, without 58 and 76, which C
// does not name, and Emscripten's own from 100 on.
const (
	wasi = `E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF EBADMSG EBUSY ECANCELED ECHILD ECONNABORTED
		ECONNREFUSED ECONNRESET EDEADLK EDESTADDRREQ EDOM EDQUOT EEXIST EFAULT EFBIG EHOSTUNREACH EIDRM EILSEQ EINPROGRESS EINTR EINVAL EIO
		EISCONN EISDIR ELOOP EMFILE EMLINK EMSGSIZE EMULTIHOP ENAMETOOLONG ENETDOWN ENETRESET ENETUNREACH ENFILE ENOBUFS ENODEV ENOENT ENOEXEC
		ENOLCK ENOLINK ENOMEM ENOMSG ENOPROTOOPT ENOSPC ENOSYS ENOTCONN ENOTDIR ENOTEMPTY ENOTRECOVERABLE ENOTSOCK - ENOTTY ENXIO EOVERFLOW
		EOWNERDEAD EPERM EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EROFS ESPIPE ESRCH ESTALE ETIMEDOUT ETXTBSY EXDEV -`
	emscripten = `ENOSTR EBFONT EBADSLT EBADRQC ENOANO ENOTBLK ECHRNG EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENODATA
		ETIME ENOSR ENONET ENOPKG EREMOTE EADV ESRMNT ECOMM EDOTDOT ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC ERESTART
		ESTRPIPE EUSERS ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT ESHUTDOWN ETOOMANYREFS EHOSTDOWN EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO
		ENOMEDIUM EMEDIUMTYPE ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED ERFKILL EHWPOISON EL2NSYNC`
)

// byName returns the ABI's numbers.
func byName() map[string]errno.Errno {
	numbers := map[string]errno.Errno{}
	for first, names := range map[errno.Errno]string{1: wasi, 100: emscripten} {
		for i, name := range strings.Fields(names) {
			if name != "-" {
				numbers[name] = first + errno.Errno(i)
			}
		}
	}
	return numbers
}

// TestABI compares every number, in both directions.
func TestABI(t *testing.T) {
	t.Parallel()
	numbers := byName()
	if len(numbers) != 74+57 {
		t.Fatalf("the table has %d names", len(numbers))
	}
	known := map[errno.Errno]string{}
	for name, n := range numbers {
		known[n] = name
		if n.Name() != name {
			t.Errorf("%d is %q, want %s", n, n.Name(), name)
		}
	}
	for n := errno.Errno(0); n < 1000; n++ {
		if known[n] == "" && n.Name() != "" {
			t.Errorf("%d is %s, which the ABI does not have", n, n.Name())
		}
	}
	for second, first := range map[errno.Errno]errno.Errno{errno.EWOULDBLOCK: errno.EAGAIN, errno.EDEADLOCK: errno.EDEADLK, errno.ENOTSUP: errno.EOPNOTSUPP} {
		if second != first {
			t.Errorf("%v is not %v", second, first)
		}
	}
}

// TestHeader compares the table with the headers of an installed Emscripten.
func TestHeader(t *testing.T) {
	t.Parallel()
	root := filepath.Join("/usr/share/emscripten/cache/sysroot/include")
	names, err := os.ReadFile(filepath.Join(root, "bits", "errno.h"))
	if err != nil {
		t.Skip("no Emscripten: ", err)
	}
	api, err := os.ReadFile(filepath.Join(root, "wasi", "api.h"))
	if err != nil {
		t.Skip(err)
	}
	values := map[string]string{}
	for _, m := range regexp.MustCompile(`#define (__WASI_ERRNO_\w+)\s+\(?UINT16_C\((\d+)\)`).FindAllStringSubmatch(string(api), -1) {
		values[m[1]] = m[2]
	}
	numbers, compared := byName(), 0
	numbers["EWOULDBLOCK"], numbers["EDEADLOCK"], numbers["ENOTSUP"] = errno.EWOULDBLOCK, errno.EDEADLOCK, errno.ENOTSUP
	for _, m := range regexp.MustCompile(`(?m)^#define\s+(E\w+)\s+(\w+)`).FindAllStringSubmatch(string(names), -1) {
		text := m[2]
		if value := values[text]; value != "" {
			text = value
		} else if n, alias := numbers[text]; alias {
			text = strconv.Itoa(int(n))
		}
		compared++
		if have, ok := numbers[m[1]]; !ok || strconv.Itoa(int(have)) != text {
			t.Errorf("%s is %d here, %s in the header", m[1], have, m[2])
		}
	}
	if compared < 120 {
		t.Errorf("only %d names were compared", compared)
	}
}
