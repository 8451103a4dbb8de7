// Command payout pays the people of a CSV file with one Dwolla mass payment and says what became of every row.
//
//	go run ./wrapper/examples/payout [-csv file] [-run name]
//
// The file has a header line with the columns destination (id or URL of a funding source), amount (US dollars, such
// as 12.50), and, if wanted, correlation_id and any number of metadata.<key>. Every bad row is reported with its line
// before anything is sent. More than 5,000 rows are paid as several mass payments, one after the other.
//
// With DWOLLA_ENVIRONMENT=sandbox, DWOLLA_APP_KEY and DWOLLA_APP_SECRET, the money comes from the funding source that
// DWOLLA_FUNDING_SOURCE names, or else from the account's balance or first verified bank. Without any of them the
// program starts a Dwolla in memory and pays there.
//
// The same file from the same source under the same -run name is paid once, however often the program runs: it finds
// what an earlier run has made. A file that was edited is another payout.
//
// The exit code is 0 when all were paid, 1 when some were not or it is not known, and 2 when nothing was sent: the
// file is bad, the configuration is, or Dwolla cannot be reached.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes.
const (
	exitPaid    = 0
	exitUnpaid  = 1
	exitNotSent = 2
)

//go:embed recipients.csv
var sample []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program: the report goes to stdout, progress and complaints go to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	complain := log.New(stderr, "", 0)
	results, err := payout(ctx, args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitPaid
	case err != nil:
		complain.Printf("%v\nnothing was sent", err)
		return exitNotSent
	}
	text, allPaid := report(results)
	if _, err := io.WriteString(stdout, text); err != nil {
		complain.Printf("the report cannot be written: %v\n%s", err, text)
		return exitUnpaid
	}
	if !allPaid {
		return exitUnpaid
	}
	return exitPaid
}

// payout pays a file. It returns an error only while nothing has been sent; from then on, the results say it all.
func payout(ctx context.Context, args []string, stderr io.Writer) ([]result, error) {
	flags := flag.NewFlagSet("payout", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("csv", "", "`file` of the recipients; without it, the 250 of the example")
	name := flags.String("run", "", "`name` of this payout, to pay the same file once more under another")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q; the file is named by -csv", flags.Arg(0))
	}

	file, err := open(*path)
	if err != nil {
		return nil, err
	}
	recipients, err := readRecipients(file)
	if err != nil {
		return nil, err
	}
	progress := newProgress(stderr, len(recipients))
	payer, err := connect(ctx, recipients, progress)
	if err != nil {
		return nil, err
	}
	batches, err := plan(*name, payer.source, recipients)
	if err != nil {
		return nil, err
	}
	return payer.pay(ctx, batches, progress), nil
}

func open(path string) (io.Reader, error) {
	if path == "" {
		return bytes.NewReader(sample), nil
	}
	data, err := os.ReadFile(path)
	return bytes.NewReader(data), err
}
