package engine_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// endless computes for ever, without memory, files or any other call of the host: only the loop hook lets others in.
const endless = "do $$ declare x float8 := 1; begin loop x := sqrt(x) + 1; end loop; end $$"

// endlessC spends its time in a loop of C that looks at nothing, not even for a cancel.
const endlessC = "do $$ begin loop perform md5(repeat('x', 100 * 1024 * 1024)); end loop; end $$"

const running = "from pg_stat_activity where state = 'active' and query = $1"

// busy keeps n sessions in a query until the returned function is called.
func busy(t testing.TB, db *engine.DB, n int, sql string) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, n)
	for range n {
		conn := enginetest.Connect(t, db)
		go func() {
			_, err := conn.Exec(ctx, sql)
			done <- err
		}()
	}
	return func() {
		cancel()
		for range n {
			<-done
		}
	}
}

// collectEvery forces a collection each interval, as a busy Go program around the library does, and returns the
// longest.
func collectEvery(interval time.Duration) (stop func() time.Duration) {
	end, worst := make(chan struct{}), make(chan time.Duration)
	go func() {
		var longest time.Duration
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				begin := time.Now()
				runtime.GC()
				longest = max(longest, time.Since(begin))
			case <-end:
				worst <- longest
				return
			}
		}
	}()
	return func() time.Duration { close(end); return <-worst }
}

// BenchmarkBesideBusy prints the worst times of an idle session's SELECT 1 and of a new connection, beside two
// CPU-bound queries and a collection each second, with GOMAXPROCS=2.
func BenchmarkBesideBusy(b *testing.B) {
	b.Run("plpgsql", func(b *testing.B) { benchmarkBesideBusy(b, endless) })
	b.Run("md5", func(b *testing.B) { benchmarkBesideBusy(b, endlessC) })
}

func benchmarkBesideBusy(b *testing.B, sql string) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	ctx := context.Background()
	db := enginetest.Open(b, engine.Config{})
	conn := enginetest.Connect(b, db)
	config := enginetest.Config(b, db)
	stop := busy(b, db, 2, sql)
	stopCollecting := collectEvery(time.Second)
	var worstQuery, worstConnect, sumQuery, sumConnect time.Duration
	n := 0
	const length = 5 * time.Second
	b.ResetTimer()
	for begin := time.Now(); time.Since(begin) < length*time.Duration(b.N); n++ {
		start := time.Now()
		if _, err := conn.Exec(ctx, "select 1", pgx.QueryExecModeSimpleProtocol); err != nil {
			b.Fatal(err)
		}
		query := time.Since(start)
		start = time.Now()
		c, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			b.Fatal(err)
		}
		connect := time.Since(start)
		_ = c.Close(ctx)
		worstQuery, worstConnect = max(worstQuery, query), max(worstConnect, connect)
		sumQuery, sumConnect = sumQuery+query, sumConnect+connect
		time.Sleep(2 * time.Millisecond)
	}
	b.StopTimer()
	collection := stopCollecting()
	stop()
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(ms(worstQuery), "ms-worst-query")
	b.ReportMetric(ms(sumQuery)/float64(n), "ms-mean-query")
	b.ReportMetric(ms(worstConnect), "ms-worst-connect")
	b.ReportMetric(ms(sumConnect)/float64(n), "ms-mean-connect")
	b.ReportMetric(ms(collection), "ms-worst-collection")
}

// TestBusyQueriesHoldNobodyUp is the same without times: with as many endless queries as processors, collections end,
// new connections and queries are served, and a cancel arrives. The test's own timeout is the only limit.
func TestBusyQueriesHoldNobodyUp(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	db := enginetest.Open(t, engine.Config{})
	watch := enginetest.Connect(t, db)
	stop := busy(t, db, 3, endless)
	waitFor(t, watch, "select count(*) = 3 "+running, endless)
	for range 5 {
		runtime.GC()
		conn := enginetest.Connect(t, db)
		if n := enginetest.Get[int](t, conn, "select 1"); n != 1 {
			t.Errorf("select 1: %d", n)
		}
	}
	if n := enginetest.Get[int](t, watch, "select count(*) "+running, endless); n != 3 {
		t.Errorf("%d of 3 busy queries are running: there was nothing to test", n)
	}
	stop()
	waitFor(t, watch, "select count(*) = 0 "+running, endless)
}
