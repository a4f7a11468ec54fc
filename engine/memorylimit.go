package engine

import "fmt"

// noMemory writes to the log why the system gave no memory: the server knows only that there is none, and advises on
// shared_buffers. It says each reason once.
func (s *ownServer) noMemory(err error) {
	reason := err.Error()
	if why := limitReached(err); why != "" {
		reason += ": " + why
	}
	if _, told := s.reasons.LoadOrStore(reason, true); !told {
		fmt.Fprintf(s.log, "pglite: the system gives no more memory: %s\n", reason)
	}
}
