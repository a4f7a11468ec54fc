package emscripten

import (
	"encoding/binary"

	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// statCalls use the layouts of runtime/libc/abi.h, which hold 64-bit times.
var statCalls = calls{
	"stat": status("iiii:i", func(c call) error {
		st, err := c.Stat(c.i32(0), c.name(1), c.i32(3))
		if err == nil {
			c.putStat(c.ptr(2), &st)
		}
		return err
	}),
	"fstat": status("ii:i", func(c call) error {
		st, err := c.Fstat(c.i32(0))
		if err == nil {
			c.putStat(c.ptr(1), &st)
		}
		return err
	}),
	"utimens": status("iijijii:i", func(c call) error {
		atim := vfs.Timespec{Sec: c.i64(2), Nsec: int64(c.i32(3))}
		mtim := vfs.Timespec{Sec: c.i64(4), Nsec: int64(c.i32(5))}
		return c.Utimes(c.i32(0), c.name(1), atim, mtim)
	}),
}

// statSize is the size of struct host_stat; runtime/libc/stat.c asserts the same layout.
const statSize = 104

// putStat writes struct host_stat.
func (c call) putStat(at ptr, st *vfs.Stat) { encodeStat(c.bytes(at, statSize), st) }

func encodeStat(b []byte, st *vfs.Stat) {
	le := binary.LittleEndian
	le.PutUint64(b, st.Dev)
	le.PutUint64(b[8:], st.Ino)
	le.PutUint32(b[16:], st.Mode)
	le.PutUint32(b[20:], st.Nlink)
	le.PutUint32(b[24:], st.UID)
	le.PutUint32(b[28:], st.GID)
	le.PutUint64(b[32:], st.Rdev)
	le.PutUint64(b[40:], uint64(st.Size))
	le.PutUint64(b[48:], uint64(st.Blksize))
	le.PutUint64(b[56:], uint64(st.Blocks))
	for i, t := range []vfs.Timespec{st.Atim, st.Mtim, st.Ctim} {
		le.PutUint64(b[64+8*i:], uint64(t.Sec))
		le.PutUint32(b[88+4*i:], uint32(t.Nsec))
	}
	le.PutUint32(b[100:], 0)
}
