package memory

import (
	"os"

	"golang.org/x/sys/unix"
)

func physical() uint64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return min(info.Totalram*uint64(info.Unit), groupLimit(os.DirFS("/")))
}
