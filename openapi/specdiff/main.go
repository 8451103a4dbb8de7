// Command specdiff says what a newer document of Dwolla adds, changes and removes against the contract.
//
//	specdiff [-contract openapi/dwolla.yaml] [-differences FILE] PATH_OR_URL
//
// The two documents are built differently, so both are first reduced to what travels: operations, parameters and trees
// of members. What is known to differ stands in differences.txt. oasdiff compares the rest.
//
// Exit status: 0 when there is nothing to do, 1 when there is, 2 when a document cannot be read.
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

//go:embed differences.txt
var reviewed string

const (
	exitSame = iota
	exitDifferent
	exitUnreadable
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("specdiff", flag.ContinueOnError)
	flags.SetOutput(stderr)
	contract := flags.String("contract", "openapi/dwolla.yaml", "path of our contract")
	list := flags.String("differences", "", "file to use in place of the built-in differences.txt")
	if err := flags.Parse(args); err != nil {
		return exitUnreadable
	}
	if flags.NArg() != 1 {
		_, _ = fmt.Fprintln(stderr, "usage: specdiff [-contract FILE] [-differences FILE] PATH_OR_URL")
		return exitUnreadable
	}
	found, err := compare(ctx, *contract, flags.Arg(0), *list)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "specdiff:", err)
		return exitUnreadable
	}
	if _, err := io.WriteString(stdout, report(found)); err != nil {
		return exitUnreadable
	}
	if len(found) > 0 {
		return exitDifferent
	}
	return exitSame
}

// compare lists what the published document says and the contract does not, and the other way round.
func compare(ctx context.Context, contract, published, list string) ([]finding, error) {
	known, err := readDifferences(list)
	if err != nil {
		return nil, err
	}
	ours, err := readAPI(ctx, contract)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	theirs, err := readAPI(ctx, published)
	if err != nil {
		return nil, err
	}
	known.settle(ours, theirs)
	return diffAPIs(ours, theirs)
}
