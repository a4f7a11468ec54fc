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
		"no groups": {fstest.MapFS{}, none},
		"version 1": {fstest.MapFS{"proc/self/cgroup": file("4:memory:/a\n")}, none},
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
			if got := groupLimit(test.root); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}
