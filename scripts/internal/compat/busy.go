package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// endless runs for hours unless it is cancelled.
const endless = "select count(*) from generate_series(1, 1e10::bigint)"

// untilBusy waits until a session runs the endless query, so that there is something to cancel.
func (t target) untilBusy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, t.dsn("unix"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for {
		var busy bool
		err := conn.QueryRow(ctx, "select exists (select from pg_stat_activity where state = 'active' and query = $1)", endless).Scan(&busy)
		if err != nil || busy {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}
