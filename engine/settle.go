package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// settlePatience limits the wait for a restart in progress.
const settlePatience = 10 * time.Second

// settle waits until the postmaster has restarted its children after a crash. A fast shutdown that comes while it does
// was seen to hang with PostgreSQL 18, by its source not because of this host: the postmaster waits for a checkpointer that it has not told to end
// (postmaster.c, PM_WAIT_DEAD_END: "We already SIGQUIT'd auxiliary processes").
func (db *DB) settle() {
	deadline := time.Now().Add(settlePatience)
	for time.Now().Before(deadline) && db.recovering() {
		time.Sleep(10 * time.Millisecond)
	}
}

// recovering asks the postmaster whether it takes connections.
func (db *DB) recovering() bool {
	const cannotConnectNow = "57P03"
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := db.guest.kernel.Dial(ctx, guestSocket, nil, nil)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	client := pgproto3.NewFrontend(conn, conn)
	client.Send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "postgres", "database": "template1"}})
	if client.Flush() != nil {
		return false
	}
	message, err := client.Receive()
	if err != nil {
		return false
	}
	refused, ok := message.(*pgproto3.ErrorResponse)
	return ok && refused.Code == cannotConnectNow
}
