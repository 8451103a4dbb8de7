// Command specdiff compares the contract with a newer OpenAPI document published by Dwolla, and lists what the document
// adds, changes and removes.
//
//	specdiff [-contract openapi/dwolla.yaml] [-differences FILE] PATH_OR_URL
//
// The two documents have different structures, so both are first reduced to what is sent over the wire: operations,
// parameters and trees of members. Known differences are listed in differences.txt. oasdiff compares the rest.
//
// The exit status is 0 without findings, 1 with findings, and 2 if a document cannot be read.
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

// compare returns what only one of the two documents has, and what differs.
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
	known.remove(ours, theirs)
	return diffAPIs(ours, theirs)
}
