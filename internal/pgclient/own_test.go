package pgclient

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestOwnAddressIsNotShown: what is said about a connection to the own cluster names no socket, because there is none.
func TestOwnAddressIsNotShown(t *testing.T) {
	t.Parallel()
	config := Own(func(context.Context) (net.Conn, error) {
		client, server := net.Pipe()
		_ = server.Close()
		return client, nil
	}, Login{User: "postgres", Database: "postgres"})
	_, err := pgconn.ConnectConfig(context.Background(), config)
	refused := (*pgconn.ConnectError)(nil)
	if !errors.As(err, &refused) || !IsOwn(refused) {
		t.Fatalf("got %v", err)
	}
	if text := WithoutAddress(errors.Unwrap(refused)); text == "" || strings.Contains(text, "PGSQL") {
		t.Errorf("the message is %q", text)
	}
	config.Host = "db.example.invalid"
	if IsOwn(&pgconn.ConnectError{Config: config}) {
		t.Error("another server is taken for the own one")
	}
}
