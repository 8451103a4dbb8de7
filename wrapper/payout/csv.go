package payout

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
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
	columnClearing      = "clearing"       // optional; next-available
	columnAddenda       = "addenda"        // optional
	columnChannel       = "processing_channel"
	prefixMetadata      = "metadata."
)

// maxCSVRecord is the most bytes of one CSV record, so that a file without line ends does not fill the memory.
const maxCSVRecord = 1 << 20

// allColumns are the columns as a complaint names them.
const allColumns = columnDestination + ", " + columnAmount + ", " + columnCurrency + ", " + columnCorrelationID + ", " +
	columnClearing + ", " + columnAddenda + ", " + columnChannel + " and " + prefixMetadata + "NAME"

// ReadCSV reads rows from a CSV in UTF-8 with commas and a header: the columns destination and amount, and optionally
// correlation_id, currency, clearing, addenda, processing_channel and any "metadata.NAME", in any order and case, with spaces in place of underscores if they
// like. Rows without any text are skipped, however many commas they have. An unknown column is an [*UnknownColumnError],
// unless ignore names it or is "*": a misspelt one would be left out of every payment. Rows are read as they are asked for; the sequence can be ranged over once.
func ReadCSV(r io.Reader, ignore ...string) Input {
	return func(yield func(Row, error) bool) {
		text, err := utf8Text(r)
		if err != nil {
			yield(Row{}, err)
			return
		}
		limit := &recordLimit{r: text, left: maxCSVRecord}
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
			if isBlank(record, err) {
				continue
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
	clearing, addenda, channel                   int
	metadata                                     []metadataColumn
}

type metadataColumn struct {
	at   int
	name string
}

func newColumns(header, ignore []string) (*columns, error) {
	if err := notAHeader(header); err != nil {
		return nil, err
	}
	c := &columns{destination: -1, amount: -1, currency: -1, correlationID: -1, clearing: -1, addenda: -1, channel: -1}
	known := map[string]*int{
		columnDestination: &c.destination, columnAmount: &c.amount, columnCurrency: &c.currency, columnCorrelationID: &c.correlationID,
		columnClearing: &c.clearing, columnAddenda: &c.addenda, columnChannel: &c.channel,
	}
	named := func(text string) bool { return known[columnName(text)] != nil }
	if !slices.ContainsFunc(header, named) {
		return nil, errNoHeader
	}
	seen := map[string]bool{}
	for i, text := range header {
		text = strings.TrimSpace(strings.Clone(text)) // the record is reused
		name := columnName(text)
		if seen[name] && name != "" {
			return nil, fmt.Errorf("payout: the CSV has the column %q twice", name)
		}
		seen[name] = true
		at, ok := known[name]
		switch {
		case ok:
			*at = i
		case strings.HasPrefix(name, prefixMetadata) && len(text) > len(prefixMetadata):
			c.metadata = append(c.metadata, metadataColumn{i, text[len(prefixMetadata):]})
		case !slices.ContainsFunc(ignore, func(i string) bool { return i == "*" || columnName(i) == name }):
			return nil, &UnknownColumnError{Column: text}
		}
	}
	for _, name := range []string{columnDestination, columnAmount} {
		if *known[name] < 0 {
			return nil, fmt.Errorf("payout: the CSV has no column %q: the columns are %s", name, allColumns)
		}
	}
	return c, nil
}

// errNoHeader does not repeat the line, which may be a row.
var errNoHeader = errors.New("payout: line 1 of the CSV does not name the columns: it must be a header such as destination,amount,correlation_id")

// An UnknownColumnError reports a column of a CSV that [ReadCSV] neither knows nor was told to ignore.
type UnknownColumnError struct{ Column string }

func (e *UnknownColumnError) Error() string {
	if e == nil {
		return "payout: a nil *UnknownColumnError"
	}
	return fmt.Sprintf("payout: the CSV has an unknown column %q: the columns are %s", e.Column, allColumns)
}

// columnName is the name that a column's text stands for. The name of a piece of metadata keeps its case in the payment.
func columnName(text string) string {
	if len(text) > len(prefixMetadata) && strings.EqualFold(text[:len(prefixMetadata)], prefixMetadata) {
		return prefixMetadata + text[len(prefixMetadata):]
	}
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(text)))
}

// notAHeader recognises what spreadsheets write in other formats, without repeating what may be a row.
func notAHeader(header []string) error {
	if slices.ContainsFunc(header, func(name string) bool { return strings.Contains(name, "\r") }) {
		return errors.New(`payout: the lines of the CSV end with a carriage return alone: save it as "CSV UTF-8"`)
	}
	if slices.ContainsFunc(header, func(name string) bool { return !utf8.ValidString(name) }) {
		return errors.New(`payout: the header of the CSV is not UTF-8; perhaps it is Windows-1252: save it as "CSV UTF-8"`)
	}
	if strings.HasPrefix(header[0], "sep=") {
		return errors.New(`payout: the CSV begins with a line "sep=": leave that line out`)
	}
	at := strings.IndexAny(header[0], ";\t|")
	if at < 0 || len(header) > 1 {
		return nil
	}
	separator := strconv.Quote(header[0][at : at+1])
	if header[0][at] == '\t' {
		separator = "tabs"
	}
	return fmt.Errorf("payout: the columns of the CSV are separated by %s, not by commas: save it with commas", separator)
}

// isBlank reports whether a record has no text, however many fields that is.
func isBlank(record []string, err error) bool {
	return (err == nil || errors.Is(err, csv.ErrFieldCount)) &&
		!slices.ContainsFunc(record, func(field string) bool { return strings.TrimSpace(field) != "" })
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
			return Row{}, &RowError{Line: line, Reason: "is not UTF-8; perhaps it is Windows-1252: save it as \"CSV UTF-8\""}
		}
	}
	row := Row{
		Line: line, Destination: field(record, c.destination), CorrelationID: field(record, c.correlationID),
		Amount:   dwolla.Money{Amount: field(record, c.amount), Currency: "USD"},
		Clearing: dwolla.DestinationClearing(field(record, c.clearing)), Addenda: field(record, c.addenda),
		Channel: dwolla.ProcessingChannelName(field(record, c.channel)),
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

// utf8Text skips the byte order mark that spreadsheets write, and refuses what cannot be a CSV in UTF-8.
func utf8Text(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	start, _ := b.Peek(4) // an error comes again when the header is read
	switch {
	case bytes.HasPrefix(start, []byte("\ufeff")):
		_, _ = b.Discard(len("\ufeff"))
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return nil, errors.New(`payout: the file is a workbook of a spreadsheet: save it as "CSV UTF-8"`)
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")), bytes.IndexByte(start, 0) >= 0:
		return nil, errors.New(`payout: the file is UTF-16: save it as "CSV UTF-8"`)
	}
	return b, nil
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
