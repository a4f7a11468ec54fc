package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// settlePatience limits the wait for a restart in progress, which recovers from the WAL.
const settlePatience = 15 * time.Second

// settle waits until the postmaster has restarted its children after a crash, for at most settlePatience: a shutdown
// that comes while it does leaves the cluster to be recovered, see wait. Not only a signal is a crash: PostgreSQL takes
// each exit code but 0 for one, or, of most processes, each but 0 and 1.
func (s *ownServer) settle() {
	const interval = 10 * time.Millisecond
	before := s.restarts.Load()
	for deadline := time.Now().Add(settlePatience); time.Now().Before(deadline); {
		// Until it has waited for the crashed process it does not know of the crash.
		if !s.postmaster.HasZombies() && s.acceptsConnections() {
			return
		}
		if s.restarts.Load() > before+1 { // the first may be that of the crash that is known of
			return // it crashes again and again
		}
		select {
		case <-s.postmaster.Done():
			return
		case <-s.hurry:
			select {
			case s.hurry <- struct{}{}: // for the wait that follows
			default:
			}
			return
		case <-time.After(interval):
		}
	}
}

// acceptsConnections asks the postmaster whether it accepts connections: a request for a password, say, means yes. It
// answers with cannot_connect_now, crash_shutdown or nothing at all while the cluster is restarted.
func (s *ownServer) acceptsConnections() bool {
	const cannotConnectNow, crashShutdown = "57P03", "57P02"
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := s.guest.kernel.Dial(ctx, s.guest.socket(), kernel.Client{})
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	client := pgproto3.NewFrontend(conn, conn)
	client.Send(&pgproto3.StartupMessage{
		ProtocolVersion: pgproto3.ProtocolVersion30,
		Parameters:      map[string]string{"user": "postgres", "database": "template1"},
	})
	if client.Flush() != nil {
		return false
	}
	message, err := client.Receive()
	if err != nil {
		return false
	}
	refused, ok := message.(*pgproto3.ErrorResponse)
	return !ok || refused.Code != cannotConnectNow && refused.Code != crashShutdown
}
