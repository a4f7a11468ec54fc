package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
)

// inProcess measures the engine in this program, on the runtime that ./pglite has unpacked and a cluster that it makes.
func inProcess(pglite, data string, rounds int, out times) error {
	made, err := exec.Command(pglite, "init", data).Output()
	if err != nil {
		return fmt.Errorf("init: %w", err)
	}
	_, rest, _ := strings.Cut(string(made), "mount:")
	mount, _, _ := strings.Cut(rest, "\n")
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{DataDir: data, Runtime: strings.TrimSpace(mount)})
	if err != nil {
		return err
	}
	defer db.Close()
	config, err := pgx.ParseConfig("host=/ user=postgres dbname=postgres sslmode=disable")
	if err != nil {
		return err
	}
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return db.Dial(ctx) }
	for range 2 * rounds {
		begin := time.Now()
		conn, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			return err
		}
		out.add("new connection", time.Since(begin))
		_ = conn.Close(ctx)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for range rounds {
		if err := round(ctx, conn, out); err != nil {
			return err
		}
	}
	return throughput(ctx, config, out)
}

func round(ctx context.Context, conn *pgx.Conn, out times) error {
	const n = 2000
	begin := time.Now()
	for range n {
		if _, err := conn.Exec(ctx, "SELECT 1", pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
	}
	out.add(selectName, time.Since(begin)/n)
	for _, s := range suite {
		begin := time.Now()
		if _, err := conn.Exec(ctx, s.SQL, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		out.add(s.Name, time.Since(begin))
	}
	return nil
}

// throughput counts indexed selects of 1 and of 8 clients, which are connected when the counting begins.
func throughput(ctx context.Context, config *pgx.ConnConfig, out times) error {
	const span = 2 * time.Second
	for _, clients := range []int{1, 8} {
		conns := make([]*pgx.Conn, clients)
		for i := range conns {
			var err error
			if conns[i], err = pgx.ConnectConfig(ctx, config); err != nil {
				return err
			}
			defer conns[i].Close(ctx)
		}
		totals, errs := make([]int, clients), make([]error, clients)
		var group sync.WaitGroup
		deadline := time.Now().Add(span)
		for i, conn := range conns {
			group.Go(func() { totals[i], errs[i] = selects(ctx, conn, deadline) })
		}
		group.Wait()
		if err := errors.Join(errs...); err != nil {
			return fmt.Errorf("throughput of %d clients: %w", clients, err)
		}
		total := 0
		for _, n := range totals {
			total += n
		}
		out[fmt.Sprintf("throughput %d", clients)] = []float64{float64(total) / span.Seconds()}
	}
	fmt.Printf("(%d processors for Go)\n", runtime.GOMAXPROCS(0))
	return nil
}

// selects counts queries until the deadline.
func selects(ctx context.Context, conn *pgx.Conn, deadline time.Time) (n int, err error) {
	for ; time.Now().Before(deadline); n++ {
		if _, err := conn.Exec(ctx, "SELECT count(*) FROM t WHERE n = $1", n%10007); err != nil {
			return n, err
		}
	}
	return n, nil
}
