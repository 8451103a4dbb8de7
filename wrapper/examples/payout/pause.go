package main

import (
	"context"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const pauseHelp = `Nothing is sent, sent again or triggered from now on, until "payout resume". What Dwolla has is not stopped.`

func pause(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "pause", pauseHelp).ofPayout().ofPerson()
	return f.decision(ctx, args, "paused", func(runner *payout.Runner, name string) error {
		return runner.Pause(ctx, name, f.decider())
	})
}
