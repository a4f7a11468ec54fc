// Command hostprogram RUNTIME [short|strict] uses the engine as a library while it does with signals, threads and processes what programs do.
// It prints a line for each thing that went well. With short it only runs a query, with strict it does so after it has given up the right to
// make memory executable that was writable.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
)

// busySQL takes the server's processor for a while, without a host call.
const busySQL = "select sum(i::numeric * i) from generate_series(1, 300000) i"

// elsewhere is what goes on in threads that are not Go's; the variant with cgo sets it.
var elsewhere = func(stop <-chan struct{}) { <-stop }

func main() {
	how := ""
	if len(os.Args) > 2 {
		how = os.Args[2]
	}
	if err := run(os.Args[1], how); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// beStrict is what systemd's MemoryDenyWriteExecute and the like do.
func beStrict() error {
	const setMDWE, refuseExecGain = 65, 1
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, setMDWE, refuseExecGain, 0, 0, 0, 0); errno != 0 {
		return fmt.Errorf("unknown to this system: %w", errno)
	}
	return nil
}

func run(directory, how string) error {
	if how == "strict" {
		if err := beStrict(); err != nil {
			return err
		}
	}
	var log lines
	signal.Notify(make(chan os.Signal, 1)) // all signals that can be caught, those of faults too
	user := make(chan os.Signal, 1)
	signal.Notify(user, syscall.SIGUSR1)
	cfg := engine.Config{DataDir: engine.Memory, Runtime: directory, Log: &log}
	info, err := engine.DescribeEngine(cfg)
	if err != nil {
		return err
	}
	fmt.Println("engine", info.Name, info.Reason)
	db, err := engine.Open(context.Background(), cfg)
	if err != nil {
		return err
	}
	p := &program{db: db}
	if how != "" {
		return errors.Join(p.busy(), db.Close())
	}
	for _, step := range []struct {
		name string
		run  func() error
	}{
		{"signals", func() error { return p.whileBusy(func() error { return signals(user) }) }},
		{"collections", func() error { return p.whileBusy(collections) }},
		{"children", func() error { return p.whileBusy(children) }},
		{"panics", func() error { return p.whileBusy(panics) }},
		{"profile", p.profile},
		{"a handler of its own", func() error { return p.replaced(&log) }},
	} {
		if err := step.run(); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", step.name, err), db.Close())
		}
		fmt.Println("ok", step.name)
	}
	if n := db.Traps(); n != 0 {
		return fmt.Errorf("%d processes of the server trapped", n)
	}
	return db.Close()
}

// lines is the log.
type lines struct {
	sync.Mutex
	bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.Buffer.Write(b)
}

func (l *lines) String() string {
	l.Lock()
	defer l.Unlock()
	return l.Buffer.String()
}

type program struct{ db *engine.DB }

func (p *program) connect() (*pgx.Conn, error) {
	config, err := pgx.ParseConfig("host=/none user=postgres database=postgres sslmode=disable")
	if err != nil {
		return nil, err
	}
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return p.db.Dial(ctx) }
	return pgx.ConnectConfig(context.Background(), config)
}

// whileBusy does something again and again while two sessions are busy.
func (p *program) whileBusy(do func() error) error {
	stop := make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() { elsewhere(stop) })
	work.Go(func() {
		defer close(stop)
		for range 2 {
			work.Go(func() { _ = p.busy() })
		}
		if err := p.busy(); err != nil {
			fmt.Println(err)
		}
	})
	var err error
	for done := false; !done && err == nil; {
		err = do()
		select {
		case <-stop:
			done = true
		default:
		}
	}
	work.Wait()
	return err
}

func (p *program) busy() error {
	conn, err := p.connect()
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	var sum string
	if err := conn.QueryRow(context.Background(), busySQL).Scan(&sum); err != nil {
		return err
	}
	if want := "9000045000050000"; sum != want {
		return fmt.Errorf("the sum is %s, want %s", sum, want)
	}
	return nil
}

// signals sends one to this program, which has to arrive.
func signals(arrived <-chan os.Signal) error {
	if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
		return err
	}
	<-arrived
	return nil
}

func collections() error {
	runtime.GC()
	return nil
}

func children() error {
	var exit *exec.ExitError
	if err := exec.Command("/bin/sh", "-c", "exit 3").Run(); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		return fmt.Errorf("the child ended with %v", err)
	}
	return nil
}

// panics makes Go's own faults, of which Go makes panics.
func panics() (err error) {
	defer func() {
		if recover() == nil {
			err = errors.New("a nil pointer is no panic")
		}
	}()
	var pointer *int
	*pointer = 1
	return nil
}

// profile takes profiles until one has seen the code of the server.
func (p *program) profile() error {
	for begin := time.Now(); time.Since(begin) < 5*time.Minute; {
		var profile bytes.Buffer
		if err := pprof.StartCPUProfile(&profile); err != nil {
			return err
		}
		err := p.busy()
		pprof.StopCPUProfile()
		if err != nil {
			return err
		}
		r, err := gzip.NewReader(&profile)
		if err != nil {
			return err
		}
		if text, err := io.ReadAll(r); err != nil || bytes.Contains(text, []byte("runtime._ExternalCode")) {
			return err
		}
	}
	return errors.New("no profile shows the server's code")
}

// action is the kernel's struct sigaction.
type action struct{ handler, flags, restorer, mask uint64 }

func sigaction(set, old *action) error {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(syscall.SIGSEGV), uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// replaced does what a library with a handler of its own for SIGSEGV does: then no session begins, and the log says why; with the handler
// as it was, all is well again.
func (p *program) replaced(log *lines) error {
	var old action
	if err := sigaction(nil, &old); err != nil {
		return err
	}
	ignore := action{handler: 1}
	if err := sigaction(&ignore, nil); err != nil {
		return err
	}
	conn, err := p.connect()
	if err == nil {
		return errors.Join(errors.New("a session has begun"), conn.Close(context.Background()))
	}
	fmt.Println("refused:", err)
	if err := sigaction(&old, nil); err != nil {
		return err
	}
	if err := p.busy(); err != nil {
		return err
	}
	if text := log.String(); !strings.Contains(text, "PGLITE_ENGINE=wazero") {
		return fmt.Errorf("the log does not say why: %s", text)
	}
	return nil
}
