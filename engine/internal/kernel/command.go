package kernel

import (
	"path"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// Spawn starts the program that a command line names, as a child of p with the environment env. The descriptors become
// 0, 1 and 2. There is no shell: a command that needs one fails with ENOSYS, an unknown program with ENOENT.
func (p *Process) Spawn(line string, env []string, in, out, errs int32) (int32, error) {
	command, ok := parseCommand(line)
	if !ok {
		return 0, errno.ENOSYS
	}
	name := path.Base(command.words[0])
	program, err := p.k.cfg.Program(p.k.ctx, name)
	if err != nil {
		return 0, errno.ENOENT
	}
	c, err := p.k.newProcess(p)
	if err != nil {
		return 0, errno.EAGAIN
	}
	c.args, c.env, c.cwd, c.umask, c.program = command.words, env, p.cwd, p.umask, program
	err = c.inheritStreams(p, [3]int32{in, out, errs})
	if err == nil {
		err = c.redirect(command.redirect)
	}
	if err == nil {
		if err = c.load(program); err != nil {
			err = p.k.noMemory(err)
		}
	}
	if err != nil {
		c.abandon()
		return 0, err
	}
	p.k.launch(c, false)
	return c.pid, nil
}

func (p *Process) inheritStreams(parent *Process, from [3]int32) error {
	for fd, source := range from {
		d, err := parent.fds.get(source)
		if err != nil {
			return err
		}
		p.fds.set(fd, d.retain(), false)
	}
	return nil
}

func (p *Process) redirect(list []redirection) error {
	for _, r := range list {
		if !r.isFile {
			if _, err := p.Dup3(int32(r.dup), int32(r.fd), 0); err != nil {
				return err
			}
			continue
		}
		fd, err := p.Openat(AtCwd, r.name, r.flags, 0o666)
		if err != nil {
			return err
		}
		if fd == int32(r.fd) {
			continue
		}
		if _, err := p.Dup3(fd, int32(r.fd), 0); err != nil {
			return err
		}
		_ = p.Close(fd)
	}
	return nil
}
