package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const approveHelp = `Lets a payout that was run with -deferred move its money; "payout run" does it. The total is what you saw: another one is
refused.`

func approve(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "approve", approveHelp).ofPayout().ofPerson()
	total := f.String("total", "", "the total in `dollars`, such as 1250.00; asked for at a terminal")
	return f.decision(ctx, args, "approved; \"payout run\" moves the money", func(runner *payout.Runner, name string) error {
		if *total == "" {
			*total = c.ask(fmt.Sprintf("The total of payout %s, in dollars:", name))
		}
		if *total == "" {
			return errors.New("the total is needed: -total 1250.00")
		}
		amount, err := api.ParseMoney(*total)
		if err != nil {
			return fmt.Errorf("-total %s: not dollars and cents, such as 1250.00", *total)
		}
		return runner.Approve(ctx, name, amount, f.decider())
	})
}
