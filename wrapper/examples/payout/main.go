// Command payout pays the people of a CSV file once each and reports the result of every row. It can be killed and
// started again at any time: it resumes where it was.
//
//	go run ./wrapper/examples/payout [-csv file] [-record file] [-run name] [-size rows] [-recipients number] [-again]
//
// The file has a header line with the columns destination (id or URL of a funding source), amount (US dollars, such
// as 12.50), and, if wanted, correlation_id and any number of metadata.<key>. Every bad row is reported with its line
// before anything is sent. More rows than -size are paid as several mass payments, one after the other.
//
// With DWOLLA_ENVIRONMENT=sandbox, DWOLLA_APP_KEY and DWOLLA_APP_SECRET, the money comes from the funding source that
// DWOLLA_FUNDING_SOURCE names, or else from the account's balance or first verified bank. Without any of them the
// program starts a Dwolla in memory and pays there.
//
// What is sent is written down in the record first (payout.db, or what -record names). The same file is paid once,
// however often the program runs, unless -run names another payout; a file that was edited is refused under the same
// name, and is another payout without one. Rows that another payout on record has paid are refused without -again.
//
// The exit code is 0 when all were paid, 1 when some were not or it is not known, and 2 when nothing was sent: the
// file is bad, the configuration is, or Dwolla cannot be reached.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// The exit codes.
const (
	exitPaid    = 0
	exitUnpaid  = 1
	exitNotSent = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program: the report goes to stdout, progress and errors go to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	errorLog := log.New(stderr, "", 0)
	text, allPaid, err := pay(ctx, args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitPaid
	case err != nil:
		errorLog.Printf("%v\nnothing was sent", err)
		return exitNotSent
	}
	if _, err := io.WriteString(stdout, text); err != nil {
		errorLog.Printf("the report cannot be written: %v\n%s", err, text)
		return exitUnpaid
	}
	if !allPaid {
		return exitUnpaid
	}
	return exitPaid
}

// pay pays a file. It returns an error only while nothing has been sent; from then on, errors are in the report.
func pay(ctx context.Context, args []string, stderr io.Writer) (text string, allPaid bool, err error) {
	opts, err := parse(args, stderr)
	if err != nil {
		return "", false, err
	}
	people, err := open(opts)
	if err != nil {
		return "", false, err
	}
	if _, err := payout.Check(ctx, people.rows(), payout.Plan{}); err != nil {
		return "", false, err
	}
	progress := newProgress(stderr, 0)
	payer, err := connect(ctx, people, progress)
	if err != nil {
		return "", false, err
	}
	defer payer.close()
	store, err := payout.OpenFile(payer.record(opts.record))
	if err != nil {
		return "", false, err
	}
	defer store.Close()

	plan := payout.Plan{Source: payer.source, ChunkRows: opts.size, AllowRepeated: opts.again}
	batch, err := payout.Prepare(ctx, store, people.name(opts.run), payer.input(people), plan)
	if err != nil {
		return "", false, err
	}
	if err := progress.resume(ctx, store, batch); err != nil {
		return "", false, err
	}
	runner, err := payout.NewRunner(store, payout.Dwolla(payer.client), payer.options(ctx, progress))
	if err != nil {
		return "", false, err
	}
	summary, runErr := runner.Run(ctx, batch.ID)
	progress.end()
	if runErr != nil && summary.Chunks[payout.StatePlanned] == batch.Chunks {
		return "", false, runErr
	}
	// The report is read from the record, which needs no network: it is written even after an interruption.
	text, allPaid, err = report(context.WithoutCancel(ctx), store, &summary, runErr)
	if payer.memory != nil {
		text += payer.memory.proof()
	}
	return text, allPaid, err
}

// options are the program's flags.
type options struct {
	csv, run, record string
	size, recipients int
	again            bool
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("payout", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.csv, "csv", "", "`file` of the recipients; without it, the 250 of the example")
	flags.StringVar(&o.run, "run", "", "`name` of this payout, to pay the same file once more under another")
	flags.StringVar(&o.record, "record", "payout.db", "`file` in which the payouts are on record")
	flags.IntVar(&o.size, "size", payout.MaxChunkRows, "`rows` in one mass payment, at most 5,000")
	flags.IntVar(&o.recipients, "recipients", 0, "`number` of recipients to make of the example's 250")
	flags.BoolVar(&o.again, "again", false, "pay also what another payout on record has paid")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; the file is named by -csv", flags.Arg(0))
	}
	return o, nil
}
