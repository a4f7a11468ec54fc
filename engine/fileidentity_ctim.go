//go:build unix && !darwin

package engine

import "syscall"

func changeTime(st *syscall.Stat_t) *syscall.Timespec { return &st.Ctim }
