package memory

import (
	"testing"
	"testing/fstest"
)

func TestGroupLimit(t *testing.T) {
	t.Parallel()
	const none = ^uint64(0)
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, test := range map[string]struct {
		root fstest.MapFS
		want uint64
	}{
		"no groups":        {fstest.MapFS{}, none},
		"version 1 unseen": {fstest.MapFS{"proc/self/cgroup": file("4:memory:/a\n")}, none},
		"version 1": {fstest.MapFS{
			"proc/self/cgroup": file("5:cpu,cpuacct:/x\n4:hugetlb,memory:/a/b\n0::/\n"),
			"sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": file("9223372036854771712\n"),
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes":   file("3000\n"),
			"sys/fs/cgroup/cpu/x/memory.limit_in_bytes":      file("1\n"),
		}, 3000},
		"version 1 in a container": {fstest.MapFS{
			"proc/self/cgroup":                           file("4:memory:/docker/c1\n"),
			"proc/self/mountinfo":                        file("40 30 0:30 /docker/c1 /sys/fs/cgroup/memory ro,nosuid master:11 - cgroup cgroup rw,memory\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("4000\n"),
		}, 4000},
		"version 1 below a container": {fstest.MapFS{
			"proc/self/cgroup":                   file("4:memory:/docker/c1/sub\n"),
			"proc/self/mountinfo":                file("40 30 0:30 /docker/c1 /cg\\040roups ro - cgroup cgroup rw,cpu,memory\n"),
			"cg roups/sub/memory.limit_in_bytes": file("6000\n"),
			"cg roups/memory.limit_in_bytes":     file("5000\n"),
		}, 5000},
		"version 1 above what is seen": {fstest.MapFS{
			"proc/self/cgroup":                           file("4:memory:/pod/c1\n"),
			"proc/self/mountinfo":                        file("40 30 0:30 /pod/c1 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712\n"),
			"sys/fs/cgroup/memory/memory.stat":           file("cache 12\nhierarchical_memory_limit 7000\nrss 1\n"),
		}, 7000},
		"both versions": {fstest.MapFS{
			"proc/self/cgroup": file("4:memory:/a\n0::/a\n"),
			"proc/self/mountinfo": file("40 30 0:30 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n" +
				"41 30 0:31 / /sys/fs/cgroup/unified ro - cgroup2 cgroup2 rw\n42 30 0:32 / /proc ro - proc proc rw\n"),
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes": file("8000\n"),
			"sys/fs/cgroup/unified/a/memory.max":           file("9000\n"),
		}, 8000},
		"version 2 elsewhere": {fstest.MapFS{
			"proc/self/cgroup":    file("0::/a/b\n"),
			"proc/self/mountinfo": file("41 30 0:31 /a /groups ro - cgroup2 none rw\n"),
			"groups/b/memory.max": file("max\n"), "groups/memory.max": file("1234\n"),
		}, 1234},
		"container": {fstest.MapFS{"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("1000\n")}, 1000},
		"no limit":  {fstest.MapFS{"proc/self/cgroup": file("0::/a\n"), "sys/fs/cgroup/a/memory.max": file("max\n")}, none},
		"above": {fstest.MapFS{
			"proc/self/cgroup": file("0::/a/b\n"), "sys/fs/cgroup/a/b/memory.max": file("max\n"), "sys/fs/cgroup/a/memory.max": file("2000\n"),
		}, 2000},
		"both": {fstest.MapFS{
			"proc/self/cgroup": file("0::/a/b\n"), "sys/fs/cgroup/a/b/memory.max": file("500\n"), "sys/fs/cgroup/a/memory.max": file("2000\n"),
		}, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := groupLimit(test.root); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}
