package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// A record is the open record, which may be that of a run in this process.
type record struct {
	*payout.FileStore
	shared bool
}

// Close closes the record, unless a run works with it.
func (r *record) Close() error {
	if r.shared {
		return nil
	}
	return r.FileStore.Close()
}

// A lockedError says that another program has the record open.
type lockedError struct{ path string }

func (e *lockedError) Error() string {
	return e.path + " is in use by another payout program, and this one did nothing. Ctrl-C ends the other: nothing is lost, and run goes on later"
}

func (e *lockedError) Unwrap() error { return payout.ErrLocked }

// openRecord opens the record, and makes it if it is not there.
func openRecord(path string) (*record, error) {
	store, err := payout.OpenFile(path)
	if errors.Is(err, payout.ErrLocked) {
		return nil, exit(exitUnpaid, &lockedError{path}) // it may be paying the same file
	}
	if damaged, ok := errors.AsType[*payout.CorruptError](err); ok {
		return nil, exit(exitUnpaid, fmt.Errorf("%s: %w\nNobody knows from it what was paid: restore it, or look at Dwolla before you pay in another way", path, damaged))
	}
	if err != nil {
		return nil, err
	}
	return &record{FileStore: store}, nil
}

// existing opens a record that must be there, and finds the payout that is meant.
func (f *flags) existing(ctx context.Context, candidates func([]payout.Summary) []payout.Summary) (*record, *payout.Summary, error) {
	store, all, err := f.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	s, err := f.meant(all, candidates)
	if err != nil {
		return nil, nil, exit(exitUnpaid, errors.Join(err, store.Close()))
	}
	return store, s, nil
}

// open opens a record that must be there, and reads the payouts.
func (f *flags) open(ctx context.Context) (store *record, all []payout.Summary, err error) {
	if f.console.open != nil {
		store = &record{f.console.open, true}
	} else {
		if _, err := os.Stat(f.record); err != nil {
			return nil, nil, fmt.Errorf("there is no record: %w", err)
		}
		if store, err = openRecord(f.record); err != nil {
			return nil, nil, err
		}
	}
	if all, err = prepared(ctx, store); err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	return store, all, nil
}

// meant is the payout of -run, or the only candidate. Which one that is is said, if there are others.
func (f *flags) meant(all []payout.Summary, candidates func([]payout.Summary) []payout.Summary) (*payout.Summary, error) {
	some := candidates(all)
	if f.name != "" {
		some = slices.DeleteFunc(slices.Clone(all), func(s payout.Summary) bool { return s.Batch.ID != f.name })
	}
	if len(some) == 1 {
		if f.name == "" && len(all) > 1 {
			which := "one"
			if some[0].Batch.ID == all[len(all)-1].Batch.ID {
				which = "the latest"
			}
			f.console.warn("payout %s, %s of %d on record; -run names another", some[0].Batch.ID, which, len(all))
		}
		return &some[0], nil
	}
	problem := "name the payout with -run: it can be"
	if f.name != "" {
		problem, some = fmt.Sprintf("there is no payout %q on record; it has", f.name), all
	}
	if len(all) == 0 {
		return nil, errors.New("there is no payout on record")
	}
	var names, lines []string
	for i := range some {
		names = append(names, some[i].Batch.ID)
		lines = append(lines, f.line("status", some[i].Batch.ID))
	}
	return nil, errors.New(try(problem+" "+strings.Join(names, ", ")+". What they are:", lines...))
}

// notOver are the payouts that are not over; if there are none, the latest. A command that changes something means the only
// one.
func notOver(all []payout.Summary) []payout.Summary {
	var some []payout.Summary
	for i := range all {
		if !all[i].Ended() {
			some = append(some, all[i])
		}
	}
	if len(some) == 0 {
		return all[max(0, len(all)-1):]
	}
	return some
}

// latest is the latest of the payouts that are not over, or of all.
func latest(all []payout.Summary) []payout.Summary {
	some := notOver(all)
	return some[max(0, len(some)-1):]
}

// originals are the payouts that are no retries.
func originals(all []payout.Summary) []payout.Summary {
	return slices.DeleteFunc(slices.Clone(all), func(s payout.Summary) bool { return s.Batch.RetryOf != "" })
}

// prepared are the payouts on record, the latest last. One whose preparation was interrupted has sent nothing and is not
// among them.
func prepared(ctx context.Context, store *record) ([]payout.Summary, error) {
	if store == nil {
		return nil, nil
	}
	ids, err := store.Batches(ctx)
	if err != nil {
		return nil, err
	}
	var all []payout.Summary
	for _, id := range ids {
		s, err := payout.Summarize(ctx, store, id)
		switch {
		case errors.Is(err, payout.ErrNotReady), errors.Is(err, payout.ErrNotFound):
		case err != nil:
			return nil, err
		default:
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b payout.Summary) int { return a.Batch.Created.Compare(b.Batch.Created) })
	return all, nil
}

// untouched reports whether the record is certain that nothing of a payout was ever sent.
func untouched(ctx context.Context, store payout.Store, name string) bool {
	for c, err := range payout.OpenReport(store, name).Chunks(ctx) {
		if errors.Is(err, payout.ErrNotFound) || errors.Is(err, payout.ErrNotReady) {
			return true
		}
		if err != nil || c.Sends > 0 || c.MassPayment != "" || len(c.Superseded) > 0 ||
			c.State != payout.StatePlanned && c.State != payout.StateCancelled {
			return false
		}
	}
	return true
}
