package main

import (
	"context"
	"fmt"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// decision writes down what a person decided about a payout.
func (f *flags) decision(ctx context.Context, args []string, done string, decide func(*payout.Runner, string) error) error {
	if err := f.parse(args); err != nil {
		return err
	}
	store, name, err := f.existing(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	runner, err := payout.NewRunner(store, offline{}, payout.Options{})
	if err != nil {
		return err
	}
	if err := decide(runner, name); err != nil {
		return exit(exitUnpaid, fmt.Errorf("payout %s is as it was: %w", name, err))
	}
	_, err = fmt.Fprintf(f.console.out, "payout %s is %s\n", name, done)
	return err
}
