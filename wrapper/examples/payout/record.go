package main

import (
	"context"
	"errors"
	"fmt"
	"os"
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
func (f *flags) existing(ctx context.Context) (*record, string, error) {
	store, err := f.openExisting()
	if err != nil {
		return nil, "", err
	}
	name, err := f.only(ctx, store)
	if err != nil {
		return nil, "", errors.Join(err, store.Close())
	}
	return store, name, nil
}

func (f *flags) openExisting() (*record, error) {
	if f.console.open != nil {
		return &record{f.console.open, true}, nil
	}
	if _, err := os.Stat(f.record); err != nil {
		return nil, exit(exitUnpaid, fmt.Errorf("there is no record: %w", err))
	}
	return openRecord(f.record)
}

// only is the payout of -run, or the one that is on record.
func (f *flags) only(ctx context.Context, store *record) (string, error) {
	ids, err := prepared(ctx, store)
	if err != nil {
		return "", exit(exitUnpaid, err)
	}
	if f.name == "" && len(ids) == 1 {
		return ids[0].ID, nil
	}
	var names []string
	for _, b := range ids {
		if b.ID == f.name {
			return b.ID, nil
		}
		names = append(names, b.ID)
	}
	known := "it has " + strings.Join(names, ", ")
	if len(names) == 0 {
		known = "it has none"
	}
	if f.name == "" {
		return "", exit(exitUnpaid, fmt.Errorf("name the payout with -run; %s", known))
	}
	return "", exit(exitUnpaid, fmt.Errorf("there is no payout %q on record; %s", f.name, known))
}

// prepared are the payouts on record. One whose preparation was interrupted has sent nothing and is not among them.
func prepared(ctx context.Context, store *record) ([]payout.Batch, error) {
	ids, err := store.Batches(ctx)
	if err != nil {
		return nil, err
	}
	var batches []payout.Batch
	for _, id := range ids {
		summary, err := payout.Summarize(ctx, store, id)
		switch {
		case errors.Is(err, payout.ErrNotReady), errors.Is(err, payout.ErrNotFound):
		case err != nil:
			return nil, err
		default:
			batches = append(batches, summary.Batch)
		}
	}
	return batches, nil
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
