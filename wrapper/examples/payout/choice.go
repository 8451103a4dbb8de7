package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// A choice says which rows are paid once more, and to whom.
type choice struct {
	of     []payout.Status
	lines  map[int]bool     // nil for all
	others map[string]other // nil for none, else only these rows, by lineKey or idKey
	path   string           // of the file that has these
}

// An other is another destination.
type other struct {
	destination string
	line        int // of the file
}

func lineKey(line int) string { return fmt.Sprintf("line %d", line) }
func idKey(id string) string  { return fmt.Sprintf("correlation id %q", id) }

func newChoice(of, lines, replace string) (*choice, error) {
	c := &choice{path: replace}
	for _, status := range list(of) {
		if !slices.Contains([]string{"failed", "returned", "cancelled"}, status) {
			return nil, fmt.Errorf("-of %q: it must be failed, returned or cancelled", status)
		}
		c.of = append(c.of, payout.Status(status))
	}
	for _, part := range list(lines) {
		from, to, isRange := strings.Cut(part, "-")
		first, err := strconv.Atoi(from)
		last := first
		if err == nil && isRange {
			last, err = strconv.Atoi(to)
		}
		if err != nil || first < 1 || last < first || last-first > 1_000_000 {
			return nil, fmt.Errorf("-lines %q: it must be numbers and ranges, such as 3,7-9", part)
		}
		if c.lines == nil {
			c.lines = map[int]bool{}
		}
		for line := first; line <= last; line++ {
			c.lines[line] = true
		}
	}
	if replace == "" {
		return c, nil
	}
	if err := c.read(); err != nil {
		return nil, fmt.Errorf("-replace %s: %w", replace, err)
	}
	return c, nil
}

// read reads other destinations.
func (c *choice) read() error {
	file, err := os.Open(c.path)
	if err != nil {
		return err
	}
	defer file.Close()
	in := csv.NewReader(withoutMark(file))
	header, err := in.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for i := range header {
		header[i] = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(header[i])), " ", "_")
	}
	line, id, destination := slices.Index(header, "line"), slices.Index(header, "correlation_id"), slices.Index(header, "destination")
	if destination < 0 || (line < 0) == (id < 0) {
		return errors.New("line 1: it must be a CSV in UTF-8 with commas, with the columns destination, and line or correlation_id")
	}
	c.others = map[string]other{}
	for {
		record, err := in.Read()
		switch {
		case errors.Is(err, io.EOF) && len(c.others) == 0:
			return errors.New("it has no rows")
		case errors.Is(err, io.EOF):
			return nil
		case record != nil && strings.TrimSpace(strings.Join(record, "")) == "": // a blank row, of any number of fields
			continue
		case err != nil:
			return err
		}
		at, _ := in.FieldPos(0)
		key, to := "", strings.TrimSpace(record[destination])
		if id >= 0 {
			key = idKey(strings.TrimSpace(record[id]))
		} else {
			number, err := strconv.Atoi(strings.TrimSpace(record[line]))
			if err != nil || number < 1 {
				return fmt.Errorf("line %d: %q is no line", at, record[line])
			}
			key = lineKey(number)
		}
		if _, twice := c.others[key]; twice {
			return fmt.Errorf("line %d: %s again", at, key)
		}
		if to == "" {
			return fmt.Errorf("line %d: the destination is missing", at)
		}
		c.others[key] = other{to, at}
	}
}

// other is the other destination of a row, and its key.
func (c *choice) other(row *payout.RowResult) (to other, key string, ok bool) {
	for _, key := range []string{lineKey(row.Line), idKey(row.CorrelationID)} {
		if to, ok := c.others[key]; ok {
			return to, key, true
		}
	}
	return other{}, "", false
}

func (c *choice) choose(row payout.RowResult) (payout.Row, bool) {
	to, _, replaced := c.other(&row)
	if replaced {
		row.Destination = to.destination
	}
	return row.Row, (c.lines == nil || c.lines[row.Line]) && (c.others == nil || replaced)
}

// check makes sure that every row that was named can be retried: a typing error would be left out in silence.
func (c *choice) check(ctx context.Context, results *payout.Report) error {
	lines, others := maps.Clone(c.lines), maps.Clone(c.others)
	for row, err := range results.Rows(ctx) {
		if err != nil {
			return err
		}
		_, key, replaced := c.other(&row)
		if !replaced && !c.lines[row.Line] {
			continue
		}
		if !slices.Contains(c.of, row.Status) {
			return fmt.Errorf("line %d is %s: it is not paid once more", row.Line, row.Status)
		}
		delete(lines, row.Line)
		delete(others, key)
	}
	if len(lines) > 0 {
		return fmt.Errorf("-lines: the payout has no line %d", slices.Min(slices.Collect(maps.Keys(lines))))
	}
	for key, to := range others {
		return fmt.Errorf("-replace %s: line %d: the payout has no %s", c.path, to.line, key)
	}
	return nil
}

// left is how many of the chosen rows are in no retry.
func (c *choice) left(ctx context.Context, results *payout.Report) (n int, err error) {
	for row, err := range results.Rows(ctx) {
		if err != nil {
			return 0, err
		}
		if _, chosen := c.choose(row); chosen && row.RetriedBy == "" && slices.Contains(c.of, row.Status) {
			n++
		}
	}
	return n, nil
}
