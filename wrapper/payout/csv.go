package payout

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// The columns of a CSV. Every column "metadata.NAME" is metadata called NAME.
const (
	columnDestination   = "destination"    // id or URL of a funding source
	columnAmount        = "amount"         // "12.50"
	columnCurrency      = "currency"       // optional; USD
	columnCorrelationID = "correlation_id" // optional
	prefixMetadata      = "metadata."
)

// maxCSVRecord is the most bytes of one CSV record, so that a file without line ends does not fill the memory.
const maxCSVRecord = 1 << 20

// ReadCSV reads rows from a CSV with a header: the columns destination and amount, and optionally correlation_id,
// currency and any "metadata.NAME". An unknown column is an error, unless ignore names it: a misspelt one would be left
// out of every payment. Rows are read as they are asked for; the sequence can be ranged over once.
func ReadCSV(r io.Reader, ignore ...string) Input {
	return func(yield func(Row, error) bool) {
		limit := &recordLimit{r: withoutBOM(r), left: maxCSVRecord}
		file := csv.NewReader(limit)
		file.ReuseRecord = true
		header, err := file.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			yield(Row{}, fmt.Errorf("payout: the header of the CSV: %w", plainCSVError(err)))
			return
		}
		columns, err := newColumns(header, ignore)
		if err != nil {
			yield(Row{}, err)
			return
		}
		for {
			limit.left = maxCSVRecord
			record, err := file.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			row, err := columns.row(file, record, err)
			if !yield(row, err) {
				return
			}
			if _, wrong := errors.AsType[*RowError](err); err != nil && !wrong {
				return
			}
		}
	}
}

// columns are the positions of the columns, -1 for what is not there.
type columns struct {
	destination, amount, currency, correlationID int
	metadata                                     []metadataColumn
}

type metadataColumn struct {
	at   int
	name string
}

func newColumns(header, ignore []string) (*columns, error) {
	c := &columns{destination: -1, amount: -1, currency: -1, correlationID: -1}
	seen := map[string]bool{}
	for i, name := range header {
		name = strings.Clone(strings.TrimSpace(name)) // the record is reused
		if seen[name] {
			return nil, fmt.Errorf("payout: the CSV has the column %q twice", name)
		}
		seen[name] = true
		switch {
		case name == columnDestination:
			c.destination = i
		case name == columnAmount:
			c.amount = i
		case name == columnCurrency:
			c.currency = i
		case name == columnCorrelationID:
			c.correlationID = i
		case strings.HasPrefix(name, prefixMetadata) && len(name) > len(prefixMetadata):
			c.metadata = append(c.metadata, metadataColumn{i, name[len(prefixMetadata):]})
		case !slices.Contains(ignore, name):
			return nil, fmt.Errorf("payout: the CSV has an unknown column %q", name)
		}
	}
	for name, at := range map[string]int{columnDestination: c.destination, columnAmount: c.amount} {
		if at < 0 {
			return nil, fmt.Errorf("payout: the CSV has no column %q", name)
		}
	}
	return c, nil
}

// row turns what the CSV reader gave into a row; a record with the wrong number of fields is that row's error.
func (c *columns) row(file *csv.Reader, record []string, err error) (Row, error) {
	if parse, ok := errors.AsType[*csv.ParseError](err); ok && errors.Is(err, csv.ErrFieldCount) {
		return Row{}, &RowError{Line: parse.Line, Reason: fmt.Sprintf("has %d fields, the header has another number", len(record))}
	}
	if err != nil {
		return Row{}, fmt.Errorf("payout: the CSV: %w", plainCSVError(err))
	}
	line, _ := file.FieldPos(0)
	for _, field := range record {
		if !utf8.ValidString(field) {
			return Row{}, &RowError{Line: line, Reason: "is not UTF-8"}
		}
	}
	row := Row{
		Line: line, Destination: field(record, c.destination), CorrelationID: field(record, c.correlationID),
		Amount: dwolla.Money{Amount: field(record, c.amount), Currency: "USD"},
	}
	if currency := field(record, c.currency); currency != "" {
		row.Amount.Currency = currency
		if row.Amount.Validate() == nil {
			row.Amount.Currency = strings.ToUpper(currency)
		}
	}
	for _, m := range c.metadata {
		if v := field(record, m.at); v != "" {
			if row.Metadata == nil {
				row.Metadata = make(map[string]string, len(c.metadata))
			}
			row.Metadata[m.name] = v
		}
	}
	return row, nil
}

func field(record []string, at int) string {
	if at < 0 {
		return ""
	}
	return strings.TrimSpace(record[at])
}

// plainCSVError says where the CSV is broken, without repeating its text.
func plainCSVError(err error) error {
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		return &RowError{Line: parse.Line, Reason: parse.Err.Error()}
	}
	return err
}

// withoutBOM skips the byte order mark that spreadsheets write.
func withoutBOM(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if start, err := b.Peek(3); err == nil && bytes.Equal(start, []byte("\ufeff")) {
		_, _ = b.Discard(3)
	}
	return b
}

var errLongRecord = fmt.Errorf("a record is longer than %d bytes", maxCSVRecord)

// A recordLimit is a reader that fails when too much is read for one CSV record.
type recordLimit struct {
	r    io.Reader
	left int
}

func (l *recordLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errLongRecord
	}
	n, err := l.r.Read(p)
	l.left -= n
	return n, err
}
