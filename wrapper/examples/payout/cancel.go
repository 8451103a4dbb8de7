package main

import (
	"context"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const cancelHelp = `Stops for good what was not sent, and mass payments that are deferred. What is under way is not stopped. "payout run"
carries it out at Dwolla and says what was paid nevertheless.`

func cancel(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "cancel", cancelHelp).ofPayout().ofPerson()
	return f.decision(ctx, args, "cancelled; \"payout run\" carries it out", func(runner *payout.Runner, name string) error {
		return runner.Cancel(ctx, name, f.decider())
	})
}
