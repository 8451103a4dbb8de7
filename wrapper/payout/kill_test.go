package payout

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/leak"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// The environment of a child: the test binary, started again as a program that pays a CSV.
const (
	childRecord = "PAYOUT_CHILD_RECORD"
	childCSV    = "PAYOUT_CHILD_CSV"
	childURL    = "PAYOUT_CHILD_URL"
	childKey    = "PAYOUT_CHILD_KEY"
	childSecret = "PAYOUT_CHILD_SECRET"
	childSource = "PAYOUT_CHILD_SOURCE"
	childRows   = 60
	childChunk  = 10
)

func TestMain(m *testing.M) {
	if os.Getenv(childRecord) == "" {
		os.Exit(leak.Run(m))
	}
	if err := child(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child is the program that is killed: nothing in it knows that it may have died before.
func child(ctx context.Context) error {
	store, err := OpenFile(os.Getenv(childRecord))
	if err != nil {
		return err
	}
	defer store.Close()
	file, err := os.Open(os.Getenv(childCSV))
	if err != nil {
		return err
	}
	defer file.Close()
	plan := Plan{Source: os.Getenv(childSource), ChunkRows: childChunk}
	batch, err := Prepare(ctx, store, simBatch, ReadCSV(file), plan)
	if err != nil {
		return err
	}
	client, err := dwolla.NewClient(dwolla.Sandbox, os.Getenv(childKey), os.Getenv(childSecret), dwolla.WithBaseURL(os.Getenv(childURL)))
	if err != nil {
		return err
	}
	const soon = 5 * time.Millisecond
	runner, err := NewRunner(store, Dwolla(client), Options{Poll: soon, MaxPoll: soon, Backoff: soon, MaxBackoff: 4 * soon})
	if err != nil {
		return err
	}
	_, err = runner.Run(ctx, batch.ID)
	return err
}

// TestKillMinus9 kills real processes, which keep their record in a real file and talk to a server that survives them.
func TestKillMinus9(t *testing.T) {
	runs := 2
	if fullCrash() {
		runs = 50
	}
	kills := 0
	for run := range runs {
		kills += killRun(t, uint64(run))
	}
	if !t.Failed() {
		t.Logf("G1 kill -9: %d runs of %d rows, %d processes killed: 0 double, 0 lost, 0 stuck", runs, childRows, kills)
	}
}

// A killer kills a process around one of its requests: before it is carried out, after, or a little later, when the
// answer is read and the next is on its way.
type killer struct {
	server *dwollatest.Server

	mu      sync.Mutex
	rng     *rand.Rand
	left    int // requests until the kill
	when    int
	process *os.Process
}

func (k *killer) aim(process *os.Process) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.process, k.left, k.when = process, 1+k.rng.IntN(15), k.rng.IntN(3)
}

func (k *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	k.left--
	hit, when, process := k.left == 0, k.when, k.process
	later := time.Duration(k.rng.IntN(4000)) * time.Microsecond
	k.mu.Unlock()
	if hit && when == 0 {
		_ = process.Kill()
	}
	k.server.ServeHTTP(w, r)
	switch {
	case hit && when == 1:
		_ = process.Kill()
	case hit && when == 2:
		time.AfterFunc(later, func() { _ = process.Kill() })
	}
}

func killRun(t *testing.T, seed uint64) (kills int) {
	server := dwollatest.New(t, dwollatest.WithItemRate(0), dwollatest.WithSeed(seed+1))
	k := &killer{server: server, rng: rand.New(rand.NewPCG(seed, 9))}
	front := httptest.NewServer(k)
	defer front.Close()
	source := server.AccountBalance().ID
	rows := dwollaRows(server, childRows)
	dir := t.TempDir()
	path := filepath.Join(dir, "people.csv")
	writeCSV(t, path, rows)
	// Some answers are lost, too.
	server.Fault("createMassPayment", dwollatest.Fault{AfterCommit: true, Drop: true, Skip: int(seed % 5), Times: 2})
	env := append(os.Environ(), childRecord+"="+filepath.Join(dir, "record.db"), childCSV+"="+path, childURL+"="+front.URL,
		childKey+"="+server.Key(), childSecret+"="+server.Secret(), childSource+"="+front.URL+"/funding-sources/"+source)
	for range 100 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
		cmd.Env, cmd.Stderr = env, os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		k.aim(cmd.Process)
		err := cmd.Wait()
		if err == nil {
			checkLedger(t, server, rows, seed)
			return kills
		}
		if cmd.ProcessState.ExitCode() != -1 { // not by a signal
			t.Fatalf("seed %d: the program failed: %v", seed, err)
		}
		kills++
	}
	t.Errorf("seed %d: stuck", seed)
	return kills
}

func checkLedger(t *testing.T, server *dwollatest.Server, rows []Row, seed uint64) {
	t.Helper()
	ledger := server.Ledger()
	for _, row := range rows {
		paid := ledger.To(dwolla.LinkTo[dwolla.FundingSource](row.Destination).ID())
		if len(paid) != 1 || !paid[0].Amount.Equal(row.Amount) {
			t.Errorf("seed %d: line %d was paid %d times", seed, row.Line, len(paid))
		}
	}
	if len(ledger) != len(rows) {
		t.Errorf("seed %d: %d payments for %d rows", seed, len(ledger), len(rows))
	}
}

func writeCSV(t testing.TB, path string, rows []Row) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(file)
	err = w.Write([]string{columnDestination, columnAmount})
	for _, row := range rows {
		id := dwolla.LinkTo[dwolla.FundingSource](row.Destination).ID()
		err = errors.Join(err, w.Write([]string{id, row.Amount.Amount}))
	}
	w.Flush()
	if err := errors.Join(err, w.Error(), file.Close()); err != nil {
		t.Fatal(err)
	}
}
