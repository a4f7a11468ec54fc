package memory

import (
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// hierarchy is a tree of control groups as it is mounted.
type hierarchy struct {
	version int    // 1 or 2
	root    string // the group that is seen at the mount point
	at      string // the mount point, without a slash at the beginning
}

// usualHierarchies are looked at when /proc/self/mountinfo tells of none.
var usualHierarchies = []hierarchy{
	{2, "/", "sys/fs/cgroup"},
	{2, "/", "sys/fs/cgroup/unified"},
	{1, "/", "sys/fs/cgroup/memory"},
}

// groupLimit returns the least limit of this program's control group and those above it, the largest number when there
// is none (https://docs.kernel.org/admin-guide/cgroup-v2.html,
// https://docs.kernel.org/admin-guide/cgroup-v1/memory.html).
func groupLimit(root fs.FS) uint64 {
	limit := uint64(math.MaxUint64)
	hierarchies := mountedHierarchies(root)
	groups, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(groups)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		for _, h := range hierarchies {
			if h.version == 2 && fields[1] == "" || h.version == 1 &&
				slices.Contains(strings.Split(fields[1], ","), "memory") {
				limit = min(limit, h.limit(root, fields[2]))
			}
		}
	}
	return limit
}

// limit returns the least limit from a group up to the one that is mounted.
func (h hierarchy) limit(root fs.FS, group string) uint64 {
	limit := uint64(math.MaxUint64)
	for group = h.seen(group); ; group = path.Dir(group) {
		dir := path.Join(h.at, group)
		if h.version == 2 {
			limit = min(limit, number(root, path.Join(dir, "memory.max")))
		} else {
			limit = min(limit, number(root, path.Join(dir, "memory.limit_in_bytes")),
				inherited(root, path.Join(dir, "memory.stat")))
		}
		if group == "/" || group == "." {
			return limit
		}
	}
}

// seen returns where a group is below the mount point. In a container whose own group is mounted, that is the mount
// point itself.
func (h hierarchy) seen(group string) string {
	if h.root == "/" {
		return path.Clean("/" + group)
	}
	rest, ok := strings.CutPrefix(group, h.root)
	if !ok || rest != "" && rest[0] != '/' {
		return "/"
	}
	return path.Clean("/" + rest)
}

// number reads a file that holds one; any other text means that there is no limit.
func number(root fs.FS, name string) uint64 {
	text, _ := fs.ReadFile(root, name)
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return math.MaxUint64
	}
	return n
}

// inherited reads the limit by groups above, which a container need not see.
func inherited(root fs.FS, name string) uint64 {
	text, _ := fs.ReadFile(root, name)
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "hierarchical_memory_limit "); ok {
			if n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 64); err == nil {
				return n
			}
		}
	}
	return math.MaxUint64
}

// mountedHierarchies reads /proc/self/mountinfo (proc_pid_mountinfo(5)).
func mountedHierarchies(root fs.FS) (all []hierarchy) {
	text, _ := fs.ReadFile(root, "proc/self/mountinfo")
	for line := range strings.Lines(string(text)) {
		mount, system, ok := strings.Cut(line, " - ")
		fields, kind := strings.Fields(mount), strings.Fields(system)
		if !ok || len(fields) < 5 || len(kind) < 3 {
			continue
		}
		h := hierarchy{root: unescape(fields[3]), at: strings.TrimPrefix(unescape(fields[4]), "/")}
		switch {
		case kind[0] == "cgroup2":
			h.version = 2
		case kind[0] == "cgroup" && slices.Contains(strings.Split(kind[2], ","), "memory"):
			h.version = 1
		default:
			continue
		}
		all = append(all, h)
	}
	if len(all) == 0 {
		return usualHierarchies
	}
	return all
}

var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace
