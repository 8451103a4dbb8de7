package main

import (
	"context"
	"errors"
	"fmt"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const retryHelp = `Pays rows that failed once more, as a payout of its own, when the payout is over and the cause is mended: all of them, or those
of -lines, or with -replace those of a file, to another destination. A row is in one retry. The same command goes on with a
retry that was interrupted. Without -run, the payout is the only one on record that is no retry itself.

The file of -replace is a CSV with the columns line or correlation_id, and destination.`

func retry(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "retry", retryHelp).ofPayout().ofRun().ofDwolla()
	var as string
	f.ofName(&as, "as", "`name` of the retry; default is that of the payout with -retry")
	of := f.String("of", "failed", "`statuses`: failed, returned or cancelled, or several with commas between them")
	lines := f.String("lines", "", "`lines` of the rows, such as 3,7-9; default is all")
	replace := f.String("replace", "", "`file` with other destinations")
	if err := f.parse(args); err != nil {
		return err
	}
	choice, err := newChoice(*of, *lines, *replace)
	if err != nil {
		return exit(exitNotSent, err)
	}
	store, s, err := f.existing(ctx, originals)
	if err != nil {
		return err
	}
	defer store.Close()
	if as == s.Batch.ID {
		return exit(exitNotSent, fmt.Errorf("-as %s: it is the payout itself; a retry needs another name", as))
	}
	batch, client, err := f.prepareRetry(ctx, store, &s.Batch, as, choice)
	if err != nil {
		return fmt.Errorf("%w\nthis command sent nothing", f.notRetried(s, err))
	}
	left, err := choice.left(ctx, payout.OpenReport(store, s.Batch.ID))
	if err != nil {
		return err
	}
	defer c.serve(ctx, f.record, store)()
	err = f.pay(ctx, store, client, batch.ID, false)
	if left > 0 {
		c.warn("%d of the rows that were chosen are not in this retry, which was begun with others: the same command pays them next", left)
		err = exit(max(codeOf(err), exitUnpaid), err)
	}
	return err
}

// prepareRetry writes a retry down: one that is not over and has the rows of the choice, else a new one.
func (f *flags) prepareRetry(ctx context.Context, store *record, of *payout.Batch, as string, choice *choice) (payout.Batch, *dwolla.Client, error) {
	if err := choice.check(ctx, payout.OpenReport(store, of.ID)); err != nil {
		return payout.Batch{}, nil, err
	}
	client, runner, err := f.atDwolla(store)
	if err != nil {
		return payout.Batch{}, nil, err
	}
	which := payout.Retry{Of: choice.of, Choose: choice.choose}
	if as != "" {
		b, err := runner.PrepareRetry(ctx, of.ID, as, which)
		return b, client, err
	}
	as = of.ID + "-retry"
	for n := 2; ; n++ {
		s, err := payout.Summarize(ctx, store, as)
		fresh := errors.Is(err, payout.ErrNotFound) || errors.Is(err, payout.ErrNotReady)
		if err != nil && !fresh {
			return payout.Batch{}, nil, err
		}
		if fresh || !s.Ended() && s.Batch.RetryOf == of.ID {
			b, err := runner.PrepareRetry(ctx, of.ID, as, which)
			if fresh || !isOther(err) {
				return b, client, err
			}
		}
		as = fmt.Sprintf("%s-retry-%d", of.ID, n)
	}
}

// isOther reports whether a retry on record has other rows than were chosen.
func isOther(err error) bool {
	_, edited := errors.AsType[*payout.EditedError](err)
	_, retried := errors.AsType[*payout.RetriedError](err)
	return edited || retried || errors.Is(err, payout.ErrNothingFailed)
}

// notRetried says what can be done in place of a retry.
func (f *flags) notRetried(of *payout.Summary, err error) error {
	if retried, ok := errors.AsType[*payout.RetriedError](err); ok {
		return errors.New(try(fmt.Sprintf("the rows of payout %s are retried by payout %s:", of.Batch.ID, retried.By), f.line("status", retried.By)))
	}
	if errors.Is(err, payout.ErrUnsettled) {
		return errors.New(try(fmt.Sprintf("payout %s is not over, and so not all that failed are known. To go on:", of.Batch.ID), f.line("run", of.Batch.ID)))
	}
	return showProblems(f.console, err)
}
