package main

import (
	"context"
	"errors"
	"fmt"

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

func resolve(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "resolve", resolveHelp).ofPayout().ofDwolla().ofPerson()
	number := f.Int("chunk", 0, "`number` of the mass payment in the payout")
	decision := f.String("decision", "", "look, adopt, send or reopen")
	massPayment := f.String("mass-payment", "", "`URL` of the mass payment that it is, to adopt")
	if err := f.parse(args); err != nil {
		return err
	}
	store, name, err := f.existing(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	client, err := f.connect()
	if err != nil {
		return exit(exitUnpaid, err)
	}
	s, err := payout.Summarize(ctx, store, name)
	if err != nil {
		return exit(exitUnpaid, err)
	}
	runner, err := payout.NewRunner(store, payout.Dwolla(client), payout.Options{})
	if err != nil {
		return err
	}
	if *decision == "reopen" {
		if err := runner.Resolve(ctx, name, *number, payout.Resolution{Action: payout.Reopen, By: f.by, Why: f.why}); err != nil {
			return err
		}
		fmt.Fprintf(c.out, "mass payment %d waits for a decision again\n", *number)
		return nil
	}
	if len(s.Held) == 0 {
		fmt.Fprintf(c.out, "nothing of payout %s has to be decided\n", name)
		return nil
	}
	left := 0
	for i := range s.Held {
		chunk := &s.Held[i]
		if *number != 0 && chunk.Number != *number {
			left++
			continue
		}
		showEvidence(ctx, c, client, &s.Batch, chunk)
		resolution, err := f.resolution(chunk, *number, *decision, *massPayment)
		if err != nil {
			return err
		}
		if resolution == nil {
			left++
			continue
		}
		if err := runner.Resolve(ctx, name, chunk.Number, *resolution); err != nil {
			return exit(exitUnpaid, err)
		}
		fmt.Fprintf(c.out, "mass payment %d: %s; \"payout run\" goes on\n", chunk.Number, resolution.Action)
	}
	switch {
	case *number != 0 && left == len(s.Held):
		return exit(exitUnpaid, fmt.Errorf("mass payment %d does not wait for a decision", *number))
	case left > 0:
		return exit(exitPerson, fmt.Errorf("%d mass payments wait for a decision", left))
	}
	return nil
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
	}
}

// resolution is what the flags or the person at the terminal decide; nil is nothing.
func (f *flags) resolution(chunk *payout.Chunk, number int, decision, massPayment string) (*payout.Resolution, error) {
	switch {
	case decision != "" && number == 0:
		return nil, exit(exitNotSent, errors.New("-decision needs -chunk: one mass payment at a time"))
	case decision == "":
		decision = f.console.ask("look, adopt or send it again, or skip?", "look", "adopt", "send", "skip")
	}
	r := &payout.Resolution{By: f.by, Why: f.why}
	switch decision {
	case "look":
		r.Action = payout.LookAgain
	case "send":
		r.Action = payout.SendAgain
	case "adopt":
		r.Action, r.MassPayment = payout.Adopt, massPayment
		if massPayment == "" && len(chunk.Hold.Candidates) == 1 {
			r.MassPayment = chunk.Hold.Candidates[0]
		}
		if r.MassPayment == "" {
			return nil, exit(exitUnpaid, errors.New("-mass-payment says which one it is"))
		}
	case "", "skip":
		return nil, nil
	default:
		return nil, exit(exitNotSent, fmt.Errorf("-decision %q: it must be look, adopt, send or reopen", decision))
	}
	return r, nil
}
