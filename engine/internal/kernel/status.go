package kernel

import "fmt"

// Status is how a process ended, as waitpid(2) encodes it.
type Status int32

// Exited is the status of a process that has called exit.
func Exited(code int32) Status { return Status(code&0xff) << 8 }

// Signaled is the status of a process that a signal has ended.
func Signaled(sig Signal) Status { return Status(sig) & 0x7f }

// Code returns the exit code, or 128 plus the signal's number as shells do.
func (s Status) Code() int {
	if sig := s & 0x7f; sig != 0 {
		return 128 + int(sig)
	}
	return int(s>>8) & 0xff
}

// Signal returns the signal that ended the process, 0 when it has exited.
func (s Status) Signal() Signal { return Signal(s & 0x7f) }

func (s Status) String() string {
	if sig := s.Signal(); sig != 0 {
		return fmt.Sprintf("terminated by signal %d", sig)
	}
	return fmt.Sprintf("exit status %d", s.Code())
}
