package server_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

const (
	accounts   = 50
	initial    = 1000
	poolSize   = 20
	killPeriod = 50 * time.Millisecond
)

// transactions is how many the pool runs.
func transactions() int {
	if testing.Short() {
		return 1000
	}
	return 10_000
}

// TestPool: what was acknowledged is there, what was not is there whole or not at all, and the sum stays.
func TestPool(t *testing.T) {
	t.Parallel()
	t.Run("calm", func(t *testing.T) { runPool(t, false) })
	t.Run("clients killed", func(t *testing.T) { runPool(t, true) })
}

func runPool(t *testing.T, kill bool) {
	s, db := open(t, both(t), map[string]string{"fsync": "off"}) // the disk's speed is not the question
	watch := enginetest.Connect(t, db)
	enginetest.Exec(t, watch, "create table account(id int primary key, balance bigint not null); create table journal(n int primary key)")
	enginetest.Exec(t, watch, "insert into account select g, $1 from generate_series(1, $2) g", initial, accounts)
	p := &poolRun{t: t, sockets: map[*tracked]struct{}{}}
	ctx, cancel := context.WithTimeout(context.Background(), 3*enginetest.Patience)
	defer cancel()
	p.open(ctx, uri(t, s, true))
	defer p.pool.Close()
	if kill {
		stop := make(chan struct{})
		defer close(stop)
		go p.killClients(stop)
	}
	var all sync.WaitGroup
	for range poolSize {
		all.Go(func() { p.work(ctx) })
	}
	all.Wait()
	t.Logf("%d transactions acknowledged, %d not, %d clients killed", p.acknowledged.Load(), p.lost.Load(), p.killed.Load())
	if kill == (p.killed.Load() == 0) {
		t.Errorf("%d clients killed", p.killed.Load())
	}
	if !kill && p.lost.Load() > 0 {
		t.Errorf("%d transactions failed", p.lost.Load())
	}
	if sum := enginetest.Get[int](t, watch, "select sum(balance)::int from account"); sum != accounts*initial {
		t.Errorf("the sum is %d, want %d", sum, accounts*initial)
	}
	if missing := enginetest.Get[int](t, watch, "select count(*) from unnest($1::int[]) told where told not in (select n from journal)", p.told); missing > 0 {
		t.Errorf("%d acknowledged transactions are not in the journal", missing)
	}
	n := int64(enginetest.Get[int](t, watch, "select count(*) from journal"))
	if n < p.acknowledged.Load() || n > p.acknowledged.Load()+p.lost.Load() {
		t.Errorf("%d transactions in the journal, %d acknowledged, %d not", n, p.acknowledged.Load(), p.lost.Load())
	}
	if traps := db.Traps(); traps != 0 {
		t.Errorf("%d traps", traps)
	}
}

// poolRun is a pool and what it has done.
type poolRun struct {
	t    *testing.T
	pool *pgxpool.Pool

	next, acknowledged, lost, killed atomic.Int64

	mu      sync.Mutex
	sockets map[*tracked]struct{}
	told    []int // the transactions that were acknowledged
}

// tracked is a client's socket that can be killed.
type tracked struct {
	net.Conn
	p *poolRun
}

func (c *tracked) Close() error {
	c.p.mu.Lock()
	delete(c.p.sockets, c)
	c.p.mu.Unlock()
	return c.Conn.Close()
}

func (p *poolRun) open(ctx context.Context, uri string) {
	cfg, err := pgxpool.ParseConfig(uri)
	if err != nil {
		p.t.Fatal(err)
	}
	cfg.MaxConns = poolSize
	cfg.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c := &tracked{conn, p}
		p.mu.Lock()
		p.sockets[c] = struct{}{}
		p.mu.Unlock()
		return c, nil
	}
	if p.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		p.t.Fatal(err)
	}
}

// killClients closes a random client's socket now and then.
func (p *poolRun) killClients(stop chan struct{}) {
	ticker := time.NewTicker(killPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		p.mu.Lock()
		for c := range p.sockets { // in random order
			_ = c.Conn.Close()
			p.killed.Add(1)
			break
		}
		p.mu.Unlock()
	}
}

// work runs transactions until all are done.
func (p *poolRun) work(ctx context.Context) {
	for {
		n := p.next.Add(1)
		if n > int64(transactions()) {
			return
		}
		err := p.transfer(ctx, int(n))
		for retry := 0; retry < 100 && isDeadlock(err); retry++ {
			err = p.transfer(ctx, int(n))
		}
		if err != nil {
			p.lost.Add(1)
			if server := (*pgconn.PgError)(nil); errors.As(err, &server) || ctx.Err() != nil {
				p.t.Errorf("transaction %d: %v", n, err)
				return
			}
			continue
		}
		p.acknowledged.Add(1)
		p.mu.Lock()
		p.told = append(p.told, int(n))
		p.mu.Unlock()
	}
}

func isDeadlock(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && server.Code == "40P01"
}

// transfer moves money in one of several ways.
func (p *poolRun) transfer(ctx context.Context, n int) error {
	from, to, amount := 1+rand.IntN(accounts), 1+rand.IntN(accounts), 1+rand.IntN(100)
	return pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "insert into journal values ($1)", n); err != nil {
			return err
		}
		if n%3 == 0 {
			_, err := tx.Exec(ctx, fmt.Sprintf("update account set balance = balance - %[3]d where id = %[1]d; update account set balance = balance + %[3]d where id = %[2]d", from, to, amount), pgx.QueryExecModeSimpleProtocol)
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue("update account set balance = balance - $2 where id = $1", from, amount)
		batch.Queue("select sum(balance) from account")
		batch.Queue("update account set balance = balance + $2 where id = $1", to, amount)
		return tx.SendBatch(ctx, batch).Close()
	})
}
