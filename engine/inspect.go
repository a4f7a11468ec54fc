package engine

import "context"

// RunReadOnly runs a program that only reads, such as pg_controldata and pg_waldump, on a data directory that anybody may own: it is
// shown read-only, its lock is not touched, and no byte of it changes. What a running server writes meanwhile, the program may see half.
func RunReadOnly(ctx context.Context, cfg Config, t Tool) (exitCode int, err error) {
	if cfg.DataDir != "" && cfg.DataDir != Memory {
		t.Mounts = append([]Mount{{Host: cfg.DataDir, Guest: guestData, ReadOnly: true}}, t.Mounts...)
	}
	cfg.DataDir = ""
	g, err := newGuest(cfg, unlocked)
	if err != nil {
		return 0, err
	}
	defer g.close()
	return g.run(ctx, t)
}
