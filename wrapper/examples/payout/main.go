// Command payout pays the people of a CSV file once each and reports the result of every row. It can be killed and
// started again at any time: it goes on where it was.
//
//	go run ./wrapper/examples/payout COMMAND [flags]
//
// The commands are listed by help, and -h of each says what it does. "payout demo" pays 250 people at a Dwolla in memory.
//
// The money comes from Dwolla's sandbox with DWOLLA_ENVIRONMENT=sandbox, DWOLLA_APP_KEY and DWOLLA_APP_SECRET, and with
// DWOLLA_ENVIRONMENT=production and the flag -production from the real one.
//
// What is sent is written down in the record first (payout.db, or what -record names). A file is known by its payments:
// it is paid once, however often the program runs and in whatever form a spreadsheet has saved it.
//
// "payout help" has the exit codes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], &console{in: os.Stdin, out: os.Stdout, err: os.Stderr, asks: isTerminal(os.Stdin)})
	stop()
	os.Exit(code)
}

// A command is one of the program's.
type command struct {
	name, does string
	remote     bool // a run that has the record open can carry it out
	run        func(ctx context.Context, c *console, args []string) error
}

func commands() []command {
	return []command{
		{"check", "read a file and say what run would do; nothing is sent", false, check},
		{"run", "pay a file, or go on with a payout", false, runPayout},
		{"status", "say how far a payout is", true, status},
		{"pause", "send nothing more until resume", true, pause},
		{"resume", "end a pause", true, resume},
		{"approve", "let a deferred payout move its money", true, approve},
		{"cancel", "stop for good what was not sent or is deferred", true, cancel},
		{"resolve", "decide about a mass payment of which nobody knows whether it was paid", true, resolve},
		{"retry", "pay the rows that failed once more", false, retry},
		{"followup", "find payments that failed after they were made", false, followUp},
		{"report", "write the result of every row, as CSV or JSON", false, report},
		{"demo", "pay 250 people, or a file, at a Dwolla in memory", false, demo},
	}
}

// run is the program: results go to stdout, progress and errors to stderr.
func run(ctx context.Context, args []string, c *console) int {
	if len(args) == 0 {
		usage(c.err)
		return exitNotSent
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		usage(c.out)
		return exitPaid
	}
	for _, cmd := range commands() {
		if cmd.name != args[0] {
			continue
		}
		err := cmd.run(ctx, c, args[1:])
		if locked, ok := errors.AsType[*lockedError](err); ok && cmd.remote {
			if code, done := c.forward(ctx, locked.path, args); done {
				return code
			}
		}
		return c.end(err)
	}
	c.warn("there is no command %q", args[0])
	usage(c.err)
	return exitNotSent
}

func usage(w io.Writer) {
	_, _ = fmt.Fprint(w, "usage: payout COMMAND [flags]\n\n")
	for _, cmd := range commands() {
		_, _ = fmt.Fprintf(w, "  %-9s %s\n", cmd.name, cmd.does)
	}
	_, _ = fmt.Fprint(w, "\n\"payout COMMAND -h\" says more.\n\n"+exitCodes)
}

const exitCodes = `The exit codes of run, status, retry, followup and demo are about the payout:

  0  everybody was paid
  1  some were not paid, or it is not known, or another program has the record open
  2  nothing was sent, by this command or an earlier one with this record; for instance, the file is bad
  3  a person has to decide; the program says what

Those of check say what run would do: 0 pay every row, 1 not now (the money is short, or the record cannot be used), 2 nothing
(the file or the set-up is bad), 3 wait for a person. resolve ends with 3 as long as something has to be decided. All others
end with 0 when they did what they say, else with 1. A wrong or missing flag is 2.
`
