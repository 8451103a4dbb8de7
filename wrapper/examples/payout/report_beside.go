package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// reportBeside writes the lines of the file that was paid, as they are, with the results beside them. Lines and rows are
// both in ascending order, so that neither is in memory.
func reportBeside(ctx context.Context, w io.Writer, results *payout.Report, file *file) error {
	next, stop := iter.Pull2(results.Rows(ctx))
	defer stop()
	paid, stopPaid := iter.Pull2(file.withIgnored().rows())
	defer stopPaid()
	in, err := file.open()
	if err != nil {
		return err
	}
	defer in.Close()
	lines := csv.NewReader(withoutMark(in))
	lines.FieldsPerRecord = -1
	out := csv.NewWriter(w)
	header, err := lines.Read()
	if err != nil {
		return err
	}
	_ = out.Write(append(header, resultColumns...)) // Error has it
	for {
		row, err, more := next()
		if !more {
			break
		}
		if err != nil {
			return err
		}
		input, err, ok := paid()
		if err != nil {
			return err
		}
		if !ok || input.Line != row.Line || !input.Amount.Equal(row.Amount) || input.CorrelationID != row.CorrelationID {
			return fmt.Errorf("line %d of the file is not the row on record: it was edited; leave -csv out", row.Line)
		}
		fields, err := lineAt(lines, row.Line)
		if err != nil {
			return err
		}
		_ = out.Write(append(fields, resultFields(&row)...))
	}
	out.Flush()
	return out.Error()
}

// withIgnored is the file with every other column ignored.
func (f *file) withIgnored() *file { return &file{open: f.open, ignore: []string{"*"}} }

// lineAt reads on to the record that begins at a line.
func lineAt(lines *csv.Reader, line int) ([]string, error) {
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		if at, _ := lines.FieldPos(0); at == line {
			return fields, nil
		}
	}
}

// withoutMark skips the byte order mark that spreadsheets write.
func withoutMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if start, _ := b.Peek(3); string(start) == "\ufeff" {
		_, _ = b.Discard(3)
	}
	return b
}
