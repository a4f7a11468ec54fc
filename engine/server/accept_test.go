package server

import (
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/engine/internal/refusal"
)

// However many are refused at once, each gets the reason.
func TestRefuseManyAtOnce(t *testing.T) {
	t.Parallel()
	for _, slots := range []int{0, 1} {
		s := &Server{}
		s.admission.max[refusalSlot] = slots
		near, far := net.Pipe()
		go s.refuse(far, refusal.TooManyClients)
		m, err := pgproto3.NewFrontend(near, near).Receive()
		if refused, ok := m.(*pgproto3.ErrorResponse); err != nil || !ok || refused.Code != refusal.TooManyClients.Code {
			t.Errorf("%d slots: %+v, %v", slots, m, err)
		}
		_ = near.Close()
	}
}
