package engine

import (
	"bytes"
	"context"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// fixedSettings are what the host decides: it listens for clients, and the guest has one kind of shared memory only.
var fixedSettings = map[string]string{
	"listen_addresses":           "",
	"unix_socket_directories":    guestSockets,
	"unix_socket_permissions":    "0700",
	"dynamic_shared_memory_type": "posix",
	"shared_memory_type":         "mmap",
	"huge_pages":                 "off",
	"port":                       "", // Config.Port
}

// start starts the postmaster and waits until it accepts connections.
func (s *ownServer) start(ctx context.Context) error {
	g := s.guest
	if g.cfg.DataDir == Memory {
		if err := g.fillMemory(ctx, s.log); err != nil {
			return err
		}
	} else {
		s.noteCopy()
		if err := s.completeDirectories(); err != nil {
			return err
		}
	}
	args, err := settingArgs(g.cfg.Settings, g.port())
	if err != nil {
		return err
	}
	command := g.command("postgres", append([]string{"-D", g.dataPath}, args...), nil)
	command.Stdout, command.Stderr = s.log, s.log
	s.log.hide(g.socketNotice())
	defer s.log.hide("")
	if g.cfg.DataDir != Memory { // whose files are none of the host's
		command.Descriptors = descriptors(fileLimit())
	}
	if s.postmaster, err = g.kernel.Start(ctx, command); err != nil {
		if why := limitReached(err); why != "" {
			err = fmt.Errorf("%w: %s", err, why)
		}
		return err
	}
	return s.ready(ctx)
}

// socketNotice is what the postmaster says about the guest's socket, which nobody outside can find. Whoever listens for
// others says where. Only the start keeps it from the log: a client can have the same text in its lines.
func (g *guest) socketNotice() string { return `listening on Unix socket "` + g.socket() + `"` }

// settingArgs makes -c arguments, in a fixed order; those of fixedSettings cannot be changed.
func settingArgs(settings map[string]string, port string) ([]string, error) {
	var names []string
	for name := range settings {
		if _, fixed := fixedSettings[strings.ToLower(name)]; fixed {
			return nil, fmt.Errorf("server parameter %q cannot be set: pglite decides it itself", name)
		}
		names = append(names, name)
	}
	sort.Strings(names)
	var args []string
	for _, name := range names {
		args = append(args, "-c", name+"="+settings[name])
	}
	names = names[:0]
	for name := range fixedSettings {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		value := fixedSettings[name]
		if name == "port" {
			value = port
		}
		args = append(args, "-c", name+"="+value)
	}
	return args, nil
}

// ready waits for the postmaster's word in postmaster.pid, whose last line is "ready" when connections are accepted
// (https://www.postgresql.org/docs/18/storage-file-layout.html).
func (s *ownServer) ready(ctx context.Context) error {
	// of the start, which most often is over in 20 ms
	const shortest, longest, part = time.Millisecond, 20 * time.Millisecond, 32
	for begin := time.Now(); ; {
		if content, err := s.guest.readData("postmaster.pid"); err == nil && saysReady(content, s.postmaster.PID()) {
			return nil
		}
		timer := time.NewTimer(min(max(time.Since(begin)/part, shortest), longest))
		select {
		case <-s.postmaster.Done():
			timer.Stop()
			return s.ended("start")
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("start PostgreSQL: %w", ctx.Err())
		case <-timer.C:
		}
	}
}

// saysReady reads postmaster.pid: the file of an earlier postmaster, which a crash leaves, has another process
// identifier.
func saysReady(content []byte, pid int32) bool {
	const statusLine = 7
	lines := bytes.Split(content, []byte("\n"))
	return len(lines) > statusLine && string(lines[0]) == strconv.Itoa(int(pid)) &&
		strings.TrimSpace(string(lines[statusLine])) == "ready"
}

// readData reads a small file of the data directory.
func (g *guest) readData(name string) ([]byte, error) {
	f, err := g.data.OpenFile(name, vfs.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, 64<<10)
	n, err := f.ReadAt(b, 0)
	return b[:n], err
}
