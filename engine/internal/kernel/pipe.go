package kernel

import (
	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

type (
	pipeReader struct{ *stream }
	pipeWriter struct{ *stream }
)

// pipeAtomic is PIPE_BUF: so many bytes are written whole, which PostgreSQL's log collector relies on. See pipe(7).
const pipeAtomic = 4096

func (e pipeReader) close()                       { e.closeRead() }
func (e pipeReader) write([]byte) (int, error)    { return 0, errno.EBADF }
func (e pipeReader) queues() (in, out *waitQueue) { return &e.readers, &e.readers }
func (e pipeReader) poll() (revents int16) {
	s := e.state()
	if s.readable() {
		revents |= PollIn
	}
	if s.writeClosed {
		revents |= PollHup
	}
	return revents
}

func (e pipeWriter) close()                       { e.closeWrite() }
func (e pipeWriter) read([]byte) (int, error)     { return 0, errno.EBADF }
func (e pipeWriter) queues() (in, out *waitQueue) { return &e.writers, &e.writers }

func (e pipeWriter) write(b []byte) (int, error) {
	if len(b) <= pipeAtomic {
		return e.put(b, len(b))
	}
	return e.put(b, 1)
}

func (e pipeWriter) poll() (revents int16) {
	s := e.state()
	if s.writable(pipeAtomic) {
		revents |= PollOut
	}
	if s.readClosed {
		revents |= PollErr
	}
	return revents
}

// Pipe is pipe2(2).
func (p *Process) Pipe(flags int) (r, w int32, err error) {
	s := &stream{}
	extra := flags & (vfs.O_NONBLOCK | vfs.O_CLOEXEC)
	if r, err = p.open(pipeReader{s}, vfs.O_RDONLY|extra); err != nil {
		return 0, 0, err
	}
	if w, err = p.open(pipeWriter{s}, vfs.O_WRONLY|extra); err != nil {
		_ = p.Close(r)
		return 0, 0, err
	}
	return r, w, nil
}
