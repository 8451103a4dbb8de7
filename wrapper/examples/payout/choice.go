package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// A choice says which rows are paid once more, and to whom.
type choice struct {
	of       []payout.Status
	lines    map[int]bool      // nil for all
	toLine   map[int]string    // other destinations, by line
	toID     map[string]string // and by correlation id
	replaces bool              // only rows that have another destination
}

func newChoice(of, lines, replace string) (*choice, error) {
	c := &choice{toLine: map[int]string{}, toID: map[string]string{}}
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
	c.replaces = true
	return c, c.read(replace)
}

// read reads other destinations.
func (c *choice) read(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	in := csv.NewReader(withoutMark(file))
	header, err := in.Read()
	if err != nil {
		return fmt.Errorf("%s: the header: %w", path, err)
	}
	for i := range header {
		header[i] = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(header[i])), " ", "_")
	}
	line, id, destination := slices.Index(header, "line"), slices.Index(header, "correlation_id"), slices.Index(header, "destination")
	if destination < 0 || (line < 0) == (id < 0) {
		return fmt.Errorf("%s: it must have the column destination, and line or correlation_id", path)
	}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		to, at := strings.TrimSpace(record[destination]), 0
		switch {
		case id >= 0:
			c.toID[strings.TrimSpace(record[id])] = to
			continue
		case line >= 0:
			if at, err = strconv.Atoi(strings.TrimSpace(record[line])); err != nil {
				return fmt.Errorf("%s: line %q is no number", path, record[line])
			}
		}
		c.toLine[at] = to
	}
}

// destination is the other destination of a row.
func (c *choice) destination(row *payout.RowResult) (string, bool) {
	if to, ok := c.toLine[row.Line]; ok {
		return to, true
	}
	to, ok := c.toID[row.CorrelationID]
	return to, ok
}

func (c *choice) choose(row payout.RowResult) (payout.Row, bool) {
	to, other := c.destination(&row)
	if other {
		row.Destination = to
	}
	return row.Row, (c.lines == nil || c.lines[row.Line]) && (!c.replaces || other)
}

// check makes sure that every row that was named can be retried: a typing error would be left out in silence.
func (c *choice) check(ctx context.Context, results *payout.Report) error {
	named, found := len(c.toLine)+len(c.toID), 0
	lines := len(c.lines)
	for row, err := range results.Rows(ctx) {
		if err != nil {
			return err
		}
		_, other := c.destination(&row)
		if !other && !c.lines[row.Line] {
			continue
		}
		if !slices.Contains(c.of, row.Status) {
			return fmt.Errorf("line %d is %s: it is not paid once more", row.Line, row.Status)
		}
		if other {
			found++
		}
		if c.lines[row.Line] {
			lines--
		}
	}
	if found < named {
		return fmt.Errorf("%d rows of -replace are not in the payout", named-found)
	}
	if lines > 0 {
		return fmt.Errorf("%d of -lines are not in the payout", lines)
	}
	return nil
}
