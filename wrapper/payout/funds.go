package payout

import (
	"context"
	"errors"
	"fmt"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A ShortfallError reports that the source does not hold what is to be paid. Nothing was sent.
type ShortfallError struct {
	Balance, Total dwolla.Money
}

func (e *ShortfallError) Error() string {
	return fmt.Sprintf("payout: the source has %s, and %s are to be paid", e.Balance, e.Total)
}

// CheckFunds reads the balance of a source and returns a [*ShortfallError] if it is below the total. It returns nil where
// the balance cannot be read, as of most banks.
func CheckFunds(ctx context.Context, g Gateway, source string, total dwolla.Money) error {
	balance, known, err := g.Balance(ctx, source)
	if err != nil || !known {
		return err
	}
	order, err := balance.Cmp(total)
	if err == nil && order < 0 {
		err = &ShortfallError{Balance: balance, Total: total}
	}
	return err
}

// funds checks before the first request of a batch that there is enough for all of it. It reports whether the chunk can be
// sent. A deferred mass payment moves no money yet.
func (s *step) funds(ctx context.Context) bool {
	if !s.untouched || s.batch.Plan.Deferred || s.runner.opts.AllowShortfall {
		return true
	}
	err := CheckFunds(ctx, s.runner.gateway, s.batch.Plan.Source, s.batch.Amount())
	if err == nil {
		return true
	}
	s.fail(err)
	if _, short := errors.AsType[*ShortfallError](err); short {
		s.stopped = true
		s.wait(0)
	}
	return false
}
