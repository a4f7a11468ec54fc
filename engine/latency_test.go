package engine_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/enginetest"
)

// busy keeps n sessions in CPU-bound queries until the returned function is called.
func busy(t testing.TB, db *engine.DB, n int) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, n)
	for range n {
		conn := enginetest.Connect(t, db)
		go func() {
			_, err := conn.Exec(ctx, "select sum(sqrt(g) * ln(g)) from generate_series(1, 1e9::bigint) g")
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

// collectEvery forces a collection each interval, as a busy Go program around the library does, and returns the longest.
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

// BenchmarkBesideBusy prints the worst times of an idle session's SELECT 1 and of a new connection, beside two CPU-bound queries and a
// collection each second, with GOMAXPROCS=2.
func BenchmarkBesideBusy(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	ctx := context.Background()
	db := enginetest.Open(b, engine.Config{})
	conn := enginetest.Connect(b, db)
	config := enginetest.Config(b, db)
	stop := busy(b, db, 2)
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

// TestBusyQueriesHoldNobodyUp is the same without times: with as many endless queries as processors, collections end, new connections and
// queries are served, and a cancel arrives. The test's own timeout is the only limit.
func TestBusyQueriesHoldNobodyUp(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	db := enginetest.Open(t, engine.Config{})
	stop := busy(t, db, 3)
	for range 5 {
		runtime.GC()
		conn := enginetest.Connect(t, db)
		if n := enginetest.Get[int](t, conn, "select 1"); n != 1 {
			t.Errorf("select 1: %d", n)
		}
	}
	watch := enginetest.Connect(t, db)
	if n := enginetest.Get[int](t, watch, "select count(*) from pg_stat_activity where state = 'active' and query like '%sqrt%' and pid <> pg_backend_pid()"); n != 3 {
		t.Errorf("%d of 3 busy queries are running: there was nothing to test", n)
	}
	stop()
	waitFor(t, watch, "select count(*) = 0 from pg_stat_activity where state = 'active' and query like '%sqrt%' and pid <> pg_backend_pid()")
}
