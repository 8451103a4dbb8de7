package payout

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"testing"
	"testing/synctest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

var aPerson = Decider{By: "a person"}

func openTemp(t testing.TB) *FileStore {
	t.Helper()
	s, err := OpenFile(filepath.Join(t.TempDir(), "record.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func mustPrepare(t testing.TB, s Store, rows []Row, plan Plan) Batch {
	t.Helper()
	if plan.Source == "" {
		plan.Source = simSource
	}
	b, err := Prepare(t.Context(), s, simBatch, inputOf(rows), plan)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustRunner(t testing.TB, s Store, g Gateway, o Options) *Runner {
	t.Helper()
	r, err := NewRunner(s, g, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func chunksOf(t testing.TB, s Store) []Chunk {
	t.Helper()
	var chunks []Chunk
	err := s.View(t.Context(), simBatch, func(tx Tx) error {
		b, err := record{tx}.batch()
		if err != nil {
			return err
		}
		chunks, err = record{tx}.chunks(&b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return chunks
}

// dwollaRows makes receivers at a server and rows that pay them.
func dwollaRows(s *dwollatest.Server, n int) []Row {
	rows := make([]Row, n)
	for i := range rows {
		_, bank := s.AddReceiver(fmt.Sprintf("Receiver %d", i))
		rows[i] = Row{Line: i + 2, Destination: bank.Href, Amount: dwolla.USDCents(int64(100 + i))}
	}
	return rows
}

func bubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// heldOf gives the chunks that a run left held.
func heldOf(t *testing.T, err error) []Chunk {
	t.Helper()
	held, ok := errors.AsType[*HeldError](err)
	if !ok {
		t.Fatalf("not held: %v", err)
	}
	return held.Chunks
}

func runBatch(ctx context.Context, b *fakeDwolla, s Store, id string) error {
	r, err := NewRunner(s, direct{b}, Options{})
	if err != nil {
		return err
	}
	_, err = r.Run(ctx, id)
	return err
}

// resultsOf gives the result of every row in the report.
func resultsOf(t *testing.T, s Store) (results []Result) {
	t.Helper()
	for row, err := range OpenReport(s, simBatch).Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, row.Result)
	}
	return results
}

// scripted is a gateway whose nth Create returns the test's error.
type scripted struct {
	direct
	calls  int
	keys   []string
	answer func(n int) error // nil: the server's answer
	before func(body *dwolla.CreateMassPayment)
	late   func(n int, err error) error // changes the server's answer
}

func (g *scripted) Create(ctx context.Context, key KeyUse, body *dwolla.CreateMassPayment) (string, error) {
	g.calls++
	g.keys = append(g.keys, key.Key)
	if g.before != nil {
		g.before(body)
	}
	if g.answer != nil {
		if err := g.answer(g.calls); err != nil {
			return "", err
		}
	}
	href, err := g.direct.Create(ctx, key, body)
	if g.late != nil {
		err = g.late(g.calls, err)
	}
	return href, err
}

func nothing(int) error { return nil }

// listed changes what the list of items says.
type listed struct {
	direct
	edit func([]dwolla.MassPaymentItem) []dwolla.MassPaymentItem
}

func (g *listed) Items(_ context.Context, href string) iter.Seq2[dwolla.MassPaymentItem, error] {
	items, err := g.items(href)
	return seqOf(g.edit(items), err)
}

// edit changes a value of the record and its checksum.
func edit[T any](t *testing.T, s *memStore, key string, change func(*T)) {
	t.Helper()
	var v T
	if err := decodeValue(key, s.batches[simBatch][key], &v); err != nil {
		t.Fatal(err)
	}
	change(&v)
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	s.batches[simBatch][key] = sealed(key, string(data))
}

// sealed is a value as the record keeps it, with the right checksum.
func sealed(key, data string) []byte {
	value := binary.BigEndian.AppendUint32(nil, checksum(key, []byte(data)))
	return append(value, data...)
}

// hooked is a gateway that stops before each call, for whatever happens meanwhile.
type hooked struct {
	direct
	beforeFind, beforeCreate func(correlationID string)
	beforeGet                func(href string)
}

func (g *hooked) Get(ctx context.Context, href string) (*dwolla.MassPayment, error) {
	if g.beforeGet != nil {
		g.beforeGet(href)
	}
	return g.direct.Get(ctx, href)
}

func (g *hooked) Find(ctx context.Context, source, correlationID string) ([]dwolla.MassPayment, error) {
	if g.beforeFind != nil {
		g.beforeFind(correlationID)
	}
	return g.direct.Find(ctx, source, correlationID)
}

func (g *hooked) Create(ctx context.Context, key KeyUse, body *dwolla.CreateMassPayment) (string, error) {
	if g.beforeCreate != nil {
		g.beforeCreate(body.CorrelationID)
	}
	return g.direct.Create(ctx, key, body)
}
