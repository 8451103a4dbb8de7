package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const resolveHelp = `Shows each mass payment of which nobody knows whether it was paid, and what Dwolla has under its name, and takes a
decision about one:

  look    look it up again, for instance after an outage
  adopt   what was found is it; -mass-payment names which one, if several were found. It is read and compared first
  send    it was certainly not paid: send it again. Be sure: look it up at Dwolla, or ask Dwolla, by its key
  reopen  what was adopted was not it; needs -chunk and -decision

"payout run" then goes on. At a terminal the decision is asked for; elsewhere -chunk and -decision name it.`

var actions = map[string]payout.Action{
	"look": payout.LookAgain, "adopt": payout.Adopt, "send": payout.SendAgain, "reopen": payout.Reopen,
}

func resolve(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "resolve", resolveHelp).ofPayout().ofDwolla().ofPerson()
	number := f.Int("chunk", 0, "`number` of the mass payment in the payout")
	f.must("chunk", "1 or more", func() bool { return *number >= 1 })
	decision := f.String("decision", "", "look, adopt, send or reopen")
	f.must("decision", "look, adopt, send or reopen", func() bool { return actions[*decision] != "" })
	massPayment := f.String("mass-payment", "", "`URL` of the mass payment that it is, to adopt")
	if err := f.parse(args); err != nil {
		return err
	}
	if *decision != "" && *number == 0 {
		return exit(exitNotSent, errors.New("-decision needs -chunk: one mass payment at a time"))
	}
	store, s, err := f.existing(ctx, notOver)
	if err != nil {
		return err
	}
	defer store.Close()
	name := s.Batch.ID
	if *number > s.Batch.Chunks {
		return exit(exitNotSent, fmt.Errorf("-chunk %d: payout %s has %d mass payments", *number, name, s.Batch.Chunks))
	}
	client, runner, err := f.atDwolla(store)
	if err != nil {
		return err
	}
	if *decision == "reopen" {
		if err := runner.Resolve(ctx, name, *number, payout.Resolution{Action: payout.Reopen, By: f.by, Why: f.why}); err != nil {
			return err
		}
		fmt.Fprintln(c.out, try(fmt.Sprintf("mass payment %d waits for a decision again:", *number), f.line("resolve", name)))
		return nil
	}
	held := s.Held
	if *number != 0 {
		held = slices.DeleteFunc(slices.Clone(held), func(c payout.Chunk) bool { return c.Number != *number })
	}
	switch {
	case len(s.Held) == 0:
		fmt.Fprintf(c.out, "nothing of payout %s has to be decided\n", name)
		return nil
	case len(held) == 0:
		return fmt.Errorf("mass payment %d of payout %s does not wait for a decision", *number, name)
	}
	left := len(s.Held)
	for i := range held {
		chunk := &held[i]
		showEvidence(ctx, c, client, &s.Batch, chunk)
		answer := *decision
		if answer == "" {
			answer = c.ask("look, adopt or send it again, or skip?", "look", "adopt", "send", "skip")
		}
		action, decided := actions[answer]
		if !decided {
			f.showDecisions(name, chunk)
			continue
		}
		r := payout.Resolution{Action: action, By: f.by, Why: f.why, MassPayment: *massPayment}
		if found := chunk.Hold.Candidates; action == payout.Adopt && r.MassPayment == "" {
			if len(found) != 1 {
				return exit(exitNotSent, errors.New("-mass-payment says which one it is"))
			}
			r.MassPayment = found[0]
		}
		if err := runner.Resolve(ctx, name, chunk.Number, r); err != nil {
			return err
		}
		left--
		fmt.Fprintln(c.out, try(fmt.Sprintf("mass payment %d: %s. To go on:", chunk.Number, action), f.line("run", name)))
	}
	if left > 0 {
		return exit(exitPerson, fmt.Errorf("%d mass payments wait for a decision", left))
	}
	return nil
}

// showDecisions are the commands that decide about a mass payment.
func (f *flags) showDecisions(name string, chunk *payout.Chunk) {
	decide := func(decision string, more ...string) string {
		return f.line("resolve", name, append([]string{"-chunk", strconv.Itoa(chunk.Number), "-decision", decision}, more...)...)
	}
	lines := []string{decide("look")}
	switch found := chunk.Hold.Candidates; len(found) {
	case 0:
	case 1:
		lines = append(lines, decide("adopt"))
	default:
		for _, href := range found {
			lines = append(lines, decide("adopt", "-mass-payment", printable(href)))
		}
	}
	fmt.Fprintln(f.console.out, try("To look it up again, to say that it is what was found, or that it was certainly not paid:", append(lines, decide("send"))...))
}

// showEvidence shows what is on record of a mass payment, and what Dwolla has.
func showEvidence(ctx context.Context, c *console, client *dwolla.Client, b *payout.Batch, chunk *payout.Chunk) {
	reportHeld(c.out, b, chunk)
	for _, href := range chunk.Hold.Candidates {
		m, err := client.MassPayments.Get(ctx, href)
		if err != nil {
			fmt.Fprintf(c.out, "    %s cannot be read: %s\n", printable(href), printable(err.Error()))
			continue
		}
		fmt.Fprintf(c.out, "    at Dwolla now    %s of %s, total %s, correlation id %s\n",
			printable(string(m.Status)), m.Created, m.Total, printable(m.CorrelationID))
	}
	if len(chunk.Hold.Candidates) == 0 {
		fmt.Fprintln(c.out, "    at Dwolla        nothing was found under the correlation id")
		return
	}
	fmt.Fprintln(c.out, "    that may be of another record of this payout, which has paid other rows of it, too: nothing is sent before you decide")
}
