package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// A file is the CSV of a payout. Each pass opens it anew, so that it is never in memory as a whole.
type file struct {
	open   func() (io.ReadCloser, error)
	ignore []string
}

func (f *flags) file() *file {
	return &file{ignore: list(f.ignore), open: func() (io.ReadCloser, error) {
		r, err := os.Open(f.csv)
		if err != nil {
			return nil, err
		}
		if info, err := r.Stat(); err != nil || !info.Mode().IsRegular() {
			return nil, errors.Join(fmt.Errorf("%s is read several times, and so must be a file", f.csv), err, r.Close())
		}
		return r, nil
	}}
}

func (f *file) rows() payout.Input {
	return func(yield func(payout.Row, error) bool) {
		r, err := f.open()
		if err != nil {
			yield(payout.Row{}, err)
			return
		}
		defer r.Close()
		payout.ReadCSV(r, f.ignore...)(yield)
	}
}

//go:embed recipients.csv
var sample []byte

// sampleFile is the list of the demonstration, with invented recipients at its end until there are as many as asked for.
func sampleFile(recipients int) *file {
	return &file{open: func() (io.ReadCloser, error) {
		r, w := io.Pipe()
		go func() { _ = w.CloseWithError(writeSample(w, recipients)) }()
		return r, nil
	}}
}

func writeSample(w io.Writer, recipients int) error {
	out := bufio.NewWriter(w)
	_, _ = out.Write(sample) // Flush has the error
	for i := bytes.Count(sample, []byte("\n")); i <= recipients; i++ {
		_, err := fmt.Fprintf(out, "%08x-0000-4000-8000-%012x,%d.%02d,wages-2026-11-%05d,W-%05d,,\n", i, i, 1+i%9, i%100, i, i)
		if err != nil {
			return err
		}
	}
	return out.Flush()
}

// inspect reads a file and checks every row. Nothing is sent before that.
func inspect(ctx context.Context, c *console, rows payout.Input, plan payout.Plan) (*payout.Inspection, error) {
	inspection, err := payout.Inspect(ctx, rows, plan)
	return inspection, showProblems(c, err)
}

// showProblems shows each problem of an input, and gives the error that is left to say.
func showProblems(c *console, err error) error {
	if unknown, ok := errors.AsType[*payout.UnknownColumnError](err); ok {
		return fmt.Errorf("%w; -ignore-columns %s leaves it out of the payments", err, quote(unknown.Column))
	}
	input, ok := errors.AsType[*payout.InputError](err)
	if !ok {
		return err
	}
	for i := range input.Rows {
		c.warn("%s", problem(&input.Rows[i]))
	}
	if more := input.Count - len(input.Rows); more > 0 {
		c.warn("and %d more", more)
	}
	return fmt.Errorf("%d problems in the file", input.Count)
}

// problem is what is wrong with a row, with its value: the file is the operator's.
func problem(row *payout.RowError) string {
	text := row.Error()
	if row.Value != "" {
		text = fmt.Sprintf("line %d: %s %q: %s", row.Line, row.Column, row.Value, row.Reason)
	}
	switch {
	case row.Hint != "":
		text += ": write " + row.Hint
	case row.Column == "amount":
		text += ": write dollars and cents, such as 1250.00"
	}
	return text
}
