package main

import (
	"context"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const resumeHelp = `Ends a pause. "payout run" goes on.`

func resume(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "resume", resumeHelp).ofPayout().ofPerson()
	return f.decision(ctx, args, "resumed", func(runner *payout.Runner, name string) error {
		return runner.Resume(ctx, name, f.decider())
	})
}
