package main

import (
	"context"
	"fmt"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const (
	pauseHelp  = `Nothing is sent, sent again or triggered from now on, until "payout resume". What Dwolla has is not stopped.`
	resumeHelp = `Ends a pause. "payout run" goes on.`
	cancelHelp = `Stops for good what was not sent, and mass payments that are deferred. What is under way is not stopped. "payout run"
carries it out at Dwolla and says what was paid nevertheless.`
	approveHelp = `Lets a payout that was run with -deferred move its money; "payout run" does it. The total is what you saw: another one is
refused.`
)

func pause(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "pause", pauseHelp).ofPayout().ofPerson()
	return f.decision(ctx, args, "paused", "To end the pause:", "resume", (*payout.Runner).Pause)
}

func resume(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "resume", resumeHelp).ofPayout().ofPerson()
	return f.decision(ctx, args, "resumed", "To go on:", "run", (*payout.Runner).Resume)
}

func cancel(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "cancel", cancelHelp).ofPayout().ofPerson()
	return f.decision(ctx, args, "cancelled", "To carry it out:", "run", (*payout.Runner).Cancel)
}

func approve(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "approve", approveHelp).ofPayout().ofPerson()
	var total string
	var amount api.Money
	const want = "dollars and cents, such as 1250.00"
	parse := func() (err error) {
		amount, err = api.ParseMoney(total)
		return err
	}
	f.StringVar(&total, "total", "", "the total in `dollars`, such as 1250.00; asked for at a terminal")
	f.must("total", want, func() bool { return parse() == nil })
	return f.decision(ctx, args, "approved", "To move the money:", "run", func(runner *payout.Runner, ctx context.Context, name string, who payout.Decider) error {
		if total == "" {
			total = c.ask(fmt.Sprintf("The total of payout %s, in dollars:", name))
		}
		if err := parse(); err != nil {
			return exit(exitNotSent, fmt.Errorf("the total is needed: it must be %s", want))
		}
		return runner.Approve(ctx, name, amount, who)
	})
}

// decision writes down what a person decided about a payout, and says which command is next.
func (f *flags) decision(ctx context.Context, args []string, done, why, next string,
	apply func(*payout.Runner, context.Context, string, payout.Decider) error,
) error {
	if err := f.parse(args); err != nil {
		return err
	}
	store, s, err := f.existing(ctx, notOver)
	if err != nil {
		return err
	}
	defer store.Close()
	name, command := s.Batch.ID, f.Name()[len("payout "):]
	switch {
	case s.Ended():
		return exit(exitUnpaid, fmt.Errorf("payout %s is over (%s): nothing to %s", name, became(&s.Totals), command))
	case command == "resume" && !s.Batch.Paused:
		return exit(exitUnpaid, fmt.Errorf("payout %s is not paused: nothing to resume", name))
	}
	runner, err := payout.NewRunner(store, offline{}, payout.Options{})
	if err != nil {
		return err
	}
	if err := apply(runner, ctx, name, f.decider()); err != nil {
		return exit(codeOf(err), fmt.Errorf("payout %s is as it was: %w", name, err))
	}
	text := try(fmt.Sprintf("payout %s is %s. %s", name, done, why), f.line(next, name))
	if next == "run" && f.console.open != nil {
		text = fmt.Sprintf("payout %s is %s, and the run that is at work goes on", name, done)
	}
	_, err = fmt.Fprintln(f.console.out, text)
	return err
}

// offline is the gateway of commands that only write down what a person decided.
type offline struct{ payout.Gateway }
