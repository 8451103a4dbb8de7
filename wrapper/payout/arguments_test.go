package payout

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func pairs(n int) map[string]string {
	m := map[string]string{}
	for i := range n {
		m[fmt.Sprint(i)] = "x"
	}
	return m
}

func TestAPlanThatCannotBePaidSaysWhyAndWritesNothingDown(t *testing.T) {
	const badID = "payout: a batch's id must have 1 to 200 letters, digits or -._"
	const badSource = "payout: Plan.Source must be the URL of a funding source"
	const badChunk = "payout: Plan.ChunkRows must be 1 to 5000"
	for _, test := range []struct {
		name string
		id   string
		plan Plan
		want string
	}{
		{"an id of nothing", "", Plan{Source: simSource}, badID},
		{"an id with a space", "a b", Plan{Source: simSource}, badID},
		{"an id of 201 letters", strings.Repeat("x", 201), Plan{Source: simSource}, badID},
		{"no source", simBatch, Plan{}, badSource},
		{"a source that is no URL", simBatch, Plan{Source: "https://api.dwolla.com/funding-sources/%zz"}, badSource},
		{"a source without a host", simBatch, Plan{Source: "/funding-sources/x"}, badSource},
		{"a source that is a customer", simBatch, Plan{Source: "https://api.dwolla.com/customers/x"}, badSource},
		{"chunks of less than a row", simBatch, Plan{Source: simSource, ChunkRows: -1}, badChunk},
		{"chunks of more than Dwolla takes", simBatch, Plan{Source: simSource, ChunkRows: 5001}, badChunk},
		{
			"a key of the package", simBatch,
			Plan{Source: simSource, Metadata: map[string]string{"payout-digest": "x"}},
			"payout: the metadata key payout-digest is taken by package payout",
		},
		{"eight pairs", simBatch, Plan{Source: simSource, Metadata: pairs(8)}, "payout: Plan.Metadata must have at most 7 pairs"},
		{
			"a long value", simBatch,
			Plan{Source: simSource, Metadata: map[string]string{"k": strings.Repeat("x", 256)}},
			"payout: Plan.Metadata: ",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newMemStore()
			rows := func(func(Row, error) bool) { t.Error("the input is read") }
			_, err := Prepare(t.Context(), s, test.id, rows, test.plan)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "xx") {
				t.Errorf("error %v, want %s", err, test.want)
			}
			if len(s.batches) > 0 {
				t.Errorf("on record: %v", slices.Collect(maps.Keys(s.batches)))
			}
		})
	}
	t.Run("as much as may be", func(t *testing.T) {
		id := strings.Repeat("x", 200)
		plan := Plan{Source: simSource, ChunkRows: 5000, Metadata: pairs(7)}
		if b, err := Prepare(t.Context(), newMemStore(), id, inputOf(simRows(2)), plan); err != nil || b.Rows != 2 {
			t.Errorf("%+v, %v", b, err)
		}
	})
}

func TestARunnerIsNotMadeOfWhatMakesNoSense(t *testing.T) {
	s, g := newMemStore(), direct{newBank()}
	const negative = "payout: an option is negative"
	for _, test := range []struct {
		name string
		make func() (*Runner, error)
		want string
	}{
		{"no store", func() (*Runner, error) { return NewRunner(nil, g, Options{}) }, "payout: a runner needs a store and a gateway"},
		{"no gateway", func() (*Runner, error) { return NewRunner(s, nil, Options{}) }, "payout: a runner needs a store and a gateway"},
		{"negative workers", func() (*Runner, error) { return NewRunner(s, g, Options{Concurrency: -1}) }, negative},
		{"a negative limit", func() (*Runner, error) { return NewRunner(s, g, Options{MaxOpen: -1}) }, negative},
		{"a negative wait", func() (*Runner, error) { return NewRunner(s, g, Options{Backoff: -1}) }, negative},
		{"a negative lease", func() (*Runner, error) { return NewRunner(s, g, Options{Lease: -time.Second}) }, negative},
	} {
		t.Run(test.name, func(t *testing.T) {
			if r, err := test.make(); r != nil || err == nil || err.Error() != test.want {
				t.Errorf("%v, error %v", r, err)
			}
		})
	}
	if r, err := NewRunner(s, g, Options{IdleTimeout: -1}); err != nil || r == nil {
		t.Errorf("no idle timeout: %v", err)
	}
}

func TestCheckSaysWhatPrepareWould(t *testing.T) {
	gone, cancel := context.WithCancelCause(t.Context())
	cancel(errKilled)
	edited := func(edit func([]Row)) Input {
		rows := simRows(4)
		edit(rows)
		return inputOf(rows)
	}
	const most = "92233720368547758.07" // an int64 of cents
	for _, test := range []struct {
		name  string
		ctx   context.Context
		input Input
		want  string
	}{
		{"good rows", t.Context(), inputOf(simRows(4)), ""},
		{"no rows", t.Context(), inputOf(nil), ErrNoRows.Error()},
		{"a bad row", t.Context(), edited(func(r []Row) { r[2].Amount.Value = "0" }), "payout: 1 problems in the input\nline 4: amount: "},
		{
			"a row twice", t.Context(), edited(func(r []Row) { r[3].Destination, r[3].Amount = r[1].Destination, r[1].Amount }),
			"payout: 1 problems in the input\nline 5: repeats line 3: ",
		},
		{
			"a destination that is no id", t.Context(), edited(func(r []Row) { r[0].Destination = "a b" }),
			"payout: 1 problems in the input\nline 2: destination: is neither an id nor a URL",
		},
		{
			"a destination that is no URL", t.Context(), edited(func(r []Row) { r[0].Destination = simSource + "%zz" }),
			"payout: 1 problems in the input\nline 2: destination: is no URL",
		},
		{
			"a row that was not read", t.Context(), seqOf(simRows(2), &RowError{Line: 9, Reason: "is not UTF-8"}),
			"payout: 1 problems in the input\nline 9: is not UTF-8",
		},
		{
			"lines that stand still", t.Context(), edited(func(r []Row) { r[1].Line = r[0].Line }),
			"payout: the input's lines do not ascend: 2 after 2",
		},
		{
			"more than can be counted", t.Context(), edited(func(r []Row) { r[0].Amount.Value, r[1].Amount.Value = most, "0.01" }),
			"payout: the input's total is too large",
		},
		{"an input that breaks off", t.Context(), seqOf(simRows(2), errDisk), errDisk.Error()},
		{"a caller who has gone", gone, inputOf(simRows(4)), errKilled.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := Plan{Source: simSource}
			tally, err := Check(test.ctx, test.input, plan)
			b, prepared := Prepare(test.ctx, newMemStore(), simBatch, test.input, plan)
			if fmt.Sprint(err) != fmt.Sprint(prepared) {
				t.Errorf("Check: %v; Prepare: %v", err, prepared)
			}
			if test.want == "" && (err != nil || tally != b.Tally || tally.Rows != 4) {
				t.Errorf("%+v, %v", tally, err)
			}
			if test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func TestCheckNeedsNoSource(t *testing.T) {
	rows := simRows(2)
	rows[0].Destination = "https://api-sandbox.dwolla.com/funding-sources/x"
	rows[1].Destination = "an-id"
	if tally, err := Check(t.Context(), inputOf(rows), Plan{}); err != nil || tally.Rows != 2 {
		t.Errorf("%+v, %v", tally, err)
	}
	_, err := Check(t.Context(), inputOf(rows), Plan{Source: simSource})
	if input, ok := errors.AsType[*InputError](err); !ok || input.Count != 1 || input.Rows[0].Line != rows[0].Line {
		t.Errorf("with a source at another API: %v", err)
	}
	if _, err := Check(t.Context(), inputOf(rows), Plan{Source: "%zz"}); !errors.Is(err, errSource) {
		t.Errorf("with a source that is no URL: %v", err)
	}
}

func TestAnInputErrorCountsTheProblemsThatItDoesNotShow(t *testing.T) {
	rows := simRows(maxProblems + 2)
	for i := range rows {
		rows[i].Amount.Value = "0"
	}
	_, err := Check(t.Context(), inputOf(rows), Plan{})
	if _, ok := errors.AsType[*InputError](err); !ok {
		t.Fatal(err)
	}
	lines := strings.Split(err.Error(), "\n")
	if lines[0] != "payout: 1002 problems in the input" || lines[len(lines)-1] != "and 2 more" || len(lines) != maxProblems+2 {
		t.Errorf("%q to %q in %d lines", lines[0], lines[len(lines)-1], len(lines))
	}
}

func TestOnlyADeferredBatchIsApproved(t *testing.T) {
	b, s := newBank(), newMemStore()
	batch := mustPrepare(t, s, simRows(3), Plan{})
	r := mustRunner(t, s, direct{b}, Options{})
	err := r.Approve(t.Context(), simBatch, batch.Amount())
	if err == nil || err.Error() != "payout: the batch is not deferred" {
		t.Errorf("error %v", err)
	}
	if err := r.Approve(t.Context(), "another", batch.Amount()); !errors.Is(err, ErrNotFound) {
		t.Errorf("a batch that is not there: %v", err)
	}
	if known, err := load(t.Context(), s, simBatch); err != nil || known.Decision != "" || b.creates != 0 {
		t.Errorf("%q is decided, %d sent, error %v", known.Decision, b.creates, err)
	}
}

// Adopt and LookAgain, which the operator of the simulator never needs, and what is no resolution.
func TestAHeldChunkGoesOnAsThePersonSays(t *testing.T) {
	stuck := func(t *testing.T) (*bank, *memStore, *Runner, []Chunk) {
		b, s := newBank(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		b.visible = 10 * time.Hour // so long does Dwolla not find it
		b.outcome = func(int) outcome { return commitsAndLocks }
		r := mustRunner(t, s, direct{b}, Options{})
		_, err := r.Run(t.Context(), simBatch)
		return b, s, r, heldOf(t, err)
	}
	finish := func(t *testing.T, b *bank, r *Runner) {
		t.Helper()
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 3 || len(b.payments) != 1 {
			t.Errorf("%+v, %d mass payments, %v", summary.Totals, len(b.payments), err)
		}
	}
	bubble(t, "look again", func(t *testing.T) {
		b, _, r, _ := stuck(t)
		b.visible = 0
		if err := r.Resolve(t.Context(), simBatch, 1, Resolution{By: "a person", Action: LookAgain}); err != nil {
			t.Fatal(err)
		}
		finish(t, b, r)
	})
	bubble(t, "adopt", func(t *testing.T) {
		b, _, r, _ := stuck(t)
		adopt := Resolution{By: "a person", Action: Adopt, MassPayment: b.payments[0].payment.Links.Self.Href}
		if err := r.Resolve(t.Context(), simBatch, 1, adopt); err != nil {
			t.Fatal(err)
		}
		finish(t, b, r)
	})
	for _, test := range []struct {
		name       string
		chunk      int
		resolution Resolution
		want       string
	}{
		{"nobody", 1, Resolution{Action: LookAgain}, "payout: a resolution needs the name of who decided"},
		{"no action", 1, Resolution{By: "a"}, `payout: unknown action ""`},
		{"an action of tomorrow", 1, Resolution{By: "a", Action: "pray"}, `payout: unknown action "pray"`},
		{"nothing to adopt", 1, Resolution{By: "a", Action: Adopt}, "payout: Resolution.MassPayment must be the URL of a mass payment"},
		{"a chunk that is not there", 2, Resolution{By: "a", Action: LookAgain}, "payout: the record is damaged at chunk/00000002: is missing"},
	} {
		bubble(t, test.name, func(t *testing.T) {
			b, s, r, held := stuck(t)
			err := r.Resolve(t.Context(), simBatch, test.chunk, test.resolution)
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
			if c := chunksOf(t, s)[0]; c.State != StateHeld || c.Key != held[0].Key || b.creates != 1 {
				t.Errorf("%d sent; the chunk is %+v", b.creates, c)
			}
		})
	}
}

func TestARetryNeedsABatchThatIsDoneAndAnIDOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBank(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		refused := func(name, of, id, want string) {
			t.Helper()
			if _, err := PrepareRetry(t.Context(), s, of, id); err == nil || err.Error() != want {
				t.Errorf("%s: error %v, want %s", name, err, want)
			}
			if len(s.batches) != 1 {
				t.Errorf("%s: %d batches on record", name, len(s.batches))
			}
		}
		refused("itself", simBatch, simBatch, "payout: a retry needs an id of its own")
		refused("a batch that is not there", "another", "again", ErrNotFound.Error())
		refused("a batch that did not run", simBatch, "again", ErrUnsettled.Error())
		if err := runBatch(t.Context(), b, s, simBatch); err != nil {
			t.Fatal(err)
		}
		refused("a batch that was paid", simBatch, "again", ErrNothingFailed.Error())
	})
}

func TestErrorsNameTheBatchAndNothingOfItsRows(t *testing.T) {
	cause := simError(dwolla.OutcomeAuthFailed, 401, "InvalidAccessToken")
	stopped := &StoppedError{Batch: "b-1", Err: cause}
	if !errors.Is(stopped, cause) {
		t.Error("the cause is lost")
	}
	corrupt := &CorruptError{Key: "rows/00000001", Err: errDisk}
	if !errors.Is(corrupt, errDisk) {
		t.Error("the cause of the damage is lost")
	}
	for want, err := range map[string]error{
		"payout: the plan of batch b-1 is not the one on record":                           &EditedError{Batch: "b-1", What: "plan"},
		"payout: the failed rows of batch b-1 are retried by batch b-2":                    &RetriedError{Batch: "b-1", By: "b-2"},
		"payout: batch b-1 stopped and can be resumed: " + cause.Error():                   stopped,
		"payout: the record is damaged at rows/00000001: " + errDisk.Error():               corrupt,
		"payout: the record is damaged: " + errDisk.Error():                                &CorruptError{Err: errDisk},
		"payout: 1 chunks of batch b-1 wait for a person's decision":                       &HeldError{Batch: "b-1", Chunks: make([]Chunk, 1)},
		"payout: 1 problems in the input\nline 2: destination: is neither an id nor a URL": inputError(t),
		"payout: the totals do not add up: 2 rows, 5 cents, instead of 2 rows, 6 cents":    Totals{Paid: Tally{2, 5}}.check(Tally{2, 6}),
		"payout: k cannot be written down: json: unsupported type: chan int":               record{}.put("k", make(chan int)),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func inputError(t *testing.T) error {
	row := simRows(1)[0]
	row.Destination = "Jane Doe"
	_, err := Check(t.Context(), inputOf([]Row{row}), Plan{})
	return err
}
