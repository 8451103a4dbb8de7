package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// A desk is where a test's operator works: a Dwolla, one record, and files.
type desk struct {
	t       *testing.T
	server  *dwollatest.Server
	env     map[string]string
	dir     string
	record  string
	answers string // what a person types at the terminal; empty is no terminal
}

var variables = []string{"DWOLLA_ENVIRONMENT", "DWOLLA_APP_KEY", "DWOLLA_APP_SECRET", "DWOLLA_BASE_URL", "DWOLLA_FUNDING_SOURCE"}

func newDesk(t *testing.T, options ...dwollatest.Option) *desk {
	server := dwollatest.New(t, append([]dwollatest.Option{dwollatest.WithItemRate(0)}, options...)...)
	dir := t.TempDir()
	return &desk{t: t, server: server, dir: dir, record: filepath.Join(dir, "payout.db"), env: map[string]string{
		"DWOLLA_ENVIRONMENT": "sandbox",
		"DWOLLA_APP_KEY":     server.Key(),
		"DWOLLA_APP_SECRET":  server.Secret(),
		"DWOLLA_BASE_URL":    server.Start(),
	}}
}

// An outcome is what the program said.
type outcome struct {
	code        int
	out, errors string
}

func (o outcome) all() string { return o.out + o.errors }

// without are the commands that have no record.
var without = []string{"demo", "help", "-h", "pay"}

// payout runs the program with the desk's variables and no others of Dwolla's.
func (d *desk) payout(args ...string) outcome {
	d.t.Helper()
	for _, name := range variables {
		d.t.Setenv(name, d.env[name])
	}
	if len(args) > 0 && !slices.Contains(args, "-record") && !slices.Contains(without, args[0]) {
		args = slices.Insert(slices.Clone(args), 1, "-record", d.record)
	}
	return d.start(args...)
}

// start runs the program with the variables as they are.
func (d *desk) start(args ...string) outcome {
	var out, errs bytes.Buffer
	c := &console{in: strings.NewReader(d.answers), out: &out, err: &errs, asks: d.answers != ""}
	code := run(d.t.Context(), args, c)
	return outcome{code, out.String(), errs.String()}
}

// expect runs the program and compares the exit code and parts of what it says.
func (d *desk) expect(code int, args []string, parts ...string) outcome {
	d.t.Helper()
	o := d.payout(args...)
	if o.code != code {
		d.t.Errorf("payout %s: exit code %d, not %d\n%s%s", strings.Join(args, " "), o.code, code, o.out, o.errors)
	}
	for _, part := range parts {
		if !strings.Contains(o.all(), part) {
			d.t.Errorf("payout %s: no %q in:\n%s%s", strings.Join(args, " "), part, o.out, o.errors)
		}
	}
	return o
}

// paid compares how many payments the ledger has.
func (d *desk) paid(want int) {
	d.t.Helper()
	if got := len(d.server.Ledger()); got != want {
		d.t.Errorf("%d payments in the ledger, not %d", got, want)
	}
}

func (d *desk) file(name, text string) string {
	d.t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

const header = "destination,amount,correlation_id,metadata.note\n"

// banks makes people with a bank each.
func (d *desk) banks(n int) (ids []string) {
	for i := range n {
		_, bank := d.server.AddReceiver(fmt.Sprintf("Receiver %d", i))
		ids = append(ids, bank.ID)
	}
	return ids
}

// wages is a file that pays one dollar to the first bank, two to the second, and so on.
func (d *desk) wages(banks []string) string {
	return d.file("wages.csv", header+strings.Join(wageLines(banks), ""))
}

func wageLines(banks []string) (lines []string) {
	for i, id := range banks {
		lines = append(lines, fmt.Sprintf("%s,%d.00,wage-%d,\n", id, i+1, i+1))
	}
	return lines
}

func TestEachCommandSaysWhatItDoes(t *testing.T) {
	d := newDesk(t)
	for _, cmd := range commands() {
		o := d.payout(cmd.name, "-h")
		if o.code != exitPaid || !strings.HasPrefix(o.out, "usage: payout "+cmd.name) || o.errors != "" {
			t.Errorf("%s -h: exit code %d\n%s%s", cmd.name, o.code, o.out, o.errors)
		}
		if format := strings.Contains(o.out, "metadata.NAME"); format != slices.Contains([]string{"check", "run", "demo"}, cmd.name) {
			t.Errorf("%s -h has the format of the CSV: %t", cmd.name, format)
		}
		o = d.payout(cmd.name, "-no-such-flag")
		if o.code != exitNotSent || !strings.Contains(o.errors, "flag provided but not defined: -no-such-flag") || o.out != "" {
			t.Errorf("%s with a bad flag: exit code %d\n%s%s", cmd.name, o.code, o.out, o.errors)
		}
		o = d.payout(cmd.name, "wages.csv")
		if o.code != exitNotSent || !strings.Contains(o.errors, `unexpected argument "wages.csv"`) {
			t.Errorf("%s with an argument: exit code %d\n%s%s", cmd.name, o.code, o.out, o.errors)
		}
	}
}

func TestWithoutACommandTheUsageIsShown(t *testing.T) {
	d := newDesk(t)
	if o := d.payout(); o.code != exitNotSent || !strings.Contains(o.errors, "followup") || o.out != "" {
		t.Errorf("%+v", o)
	}
	if o := d.payout("help"); o.code != exitPaid || !strings.Contains(o.out, "followup") || o.errors != "" {
		t.Errorf("%+v", o)
	}
	if o := d.payout("pay"); o.code != exitNotSent || !strings.Contains(o.errors, `there is no command "pay"`) {
		t.Errorf("%+v", o)
	}
}

// A failingWriter is a stdout that has no room left.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
