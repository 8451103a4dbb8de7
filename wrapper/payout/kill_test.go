package payout

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

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
		os.Exit(m.Run())
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
	runs := 3
	if fullCrash() {
		runs = 50
	}
	kills := 0
	for run := range runs {
		kills += killRun(t, uint64(run)) //nolint:gosec // small
	}
	if !t.Failed() {
		t.Logf("G1 kill -9: %d runs of %d rows, %d processes killed: 0 double, 0 lost, 0 stuck", runs, childRows, kills)
	}
}

func killRun(t *testing.T, seed uint64) (kills int) {
	rng := rand.New(rand.NewPCG(seed, 9)) //nolint:gosec // replayable
	server := dwollatest.New(t, dwollatest.WithItemRate(2000), dwollatest.WithSeed(seed+1))
	url := server.Start()
	source := server.AccountBalance().Href
	rows := dwollaRows(server, childRows)
	dir := t.TempDir()
	path := filepath.Join(dir, "people.csv")
	writeCSV(t, path, rows)
	// Answers get lost or come late, so that many a kill hits a request that is under way.
	server.Fault("createMassPayment", dwollatest.Fault{AfterCommit: true, Delay: 15 * time.Millisecond, Times: 2})
	server.Fault("createMassPayment", dwollatest.Fault{AfterCommit: true, Drop: true, Times: 1})
	server.Fault("createMassPayment", dwollatest.Fault{Delay: 15 * time.Millisecond, Times: 2})
	env := append(os.Environ(), childRecord+"="+filepath.Join(dir, "record.db"), childCSV+"="+path, childURL+"="+url,
		childKey+"="+server.Key(), childSecret+"="+server.Secret(), childSource+"="+source)
	for range 200 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$") //nolint:gosec // the test binary itself
		cmd.Env = env
		ended := make(chan error, 1)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go func() { ended <- cmd.Wait() }()
		life := time.Duration(20+rng.IntN(60+10*kills)) * time.Millisecond
		select {
		case err := <-ended:
			if err == nil {
				checkLedger(t, server, rows, seed)
				return kills
			}
			t.Fatalf("seed %d: the program failed: %v", seed, err)
		case <-time.After(life):
			_ = cmd.Process.Kill()
			if err := <-ended; err != nil {
				kills++
			}
		}
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
	file, err := os.Create(path) //nolint:gosec // the test's own
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(file)
	err = w.Write([]string{columnDestination, columnAmount})
	for _, row := range rows {
		err = errors.Join(err, w.Write([]string{row.Destination, row.Amount.Value}))
	}
	w.Flush()
	if err := errors.Join(err, w.Error(), file.Close()); err != nil {
		t.Fatal(err)
	}
}
