package memory

import (
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

func physical() uint64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return min(info.Totalram*uint64(info.Unit), groupLimit(os.DirFS("/")))
}

// groupLimit returns the least memory.max of this program's control group and those above it
// (https://docs.kernel.org/admin-guide/cgroup-v2.html), the largest number when there is none.
func groupLimit(root fs.FS) uint64 {
	limit := ^uint64(0)
	groups, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(groups)) {
		group, ok := strings.CutPrefix(strings.TrimSpace(line), "0::")
		for ok {
			text, _ := fs.ReadFile(root, path.Join("sys/fs/cgroup", group, "memory.max"))
			if n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
				limit = min(limit, n)
			}
			ok = group != "/"
			group = path.Dir(group)
		}
	}
	return limit
}
