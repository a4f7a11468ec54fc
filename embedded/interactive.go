package embedded

import (
	"context"
	"sync"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
)

// standard is the user's default cluster, opened by ExecInteractive.
var standard struct {
	sync.Mutex
	db *engine.DB
}

// ExecInteractive sends input to the user's default cluster, which is made and opened at the first use, and returns the server's raw answer; see
// [engine.DB.ExecInteractive]. The cluster stays open until CloseInteractive.
func ExecInteractive(ctx context.Context, input engine.Input) ([]byte, error) {
	db, err := openStandard(ctx)
	if err != nil {
		return nil, err
	}
	return db.ExecInteractive(ctx, input)
}

func openStandard(ctx context.Context) (*engine.DB, error) {
	standard.Lock()
	defer standard.Unlock()
	if standard.db != nil && standard.db.Err() == nil {
		return standard.db, nil
	}
	in, err := install.PrepareDefault(ctx, install.Options{})
	if err != nil {
		return nil, err
	}
	db, err := engine.Open(ctx, engine.Config{DataDir: in.Data, Runtime: in.Runtime})
	if err != nil {
		return nil, err
	}
	standard.db = db
	return db, nil
}

// CloseInteractive closes the default cluster that ExecInteractive has opened. The next call opens it again.
func CloseInteractive() error {
	standard.Lock()
	defer standard.Unlock()
	if standard.db == nil {
		return nil
	}
	err := standard.db.Close()
	standard.db = nil
	return err
}
