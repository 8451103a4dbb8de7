package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dwolla-go/dwolla-go/api"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A recipient is one row of the file.
type recipient struct {
	line          int    // in the file; the header is line 1
	destination   string // id or URL of a funding source
	amount        dwolla.Money
	correlationID string
	metadata      map[string]string
}

// A problem is something wrong with one line of the file. It does not repeat what stands there.
type problem struct {
	line   int
	reason string
}

// inputError is everything wrong with a file.
type inputError []problem

func (e inputError) Error() string {
	var b strings.Builder
	for _, p := range e {
		fmt.Fprintf(&b, "line %d: %s\n", p.line, p.reason)
	}
	fmt.Fprintf(&b, "problems in the file: %d", len(e))
	return b.String()
}

// readRecipients reads and checks the whole file. The error is an inputError with every problem that there is.
func readRecipients(r io.Reader) ([]recipient, error) {
	file := csv.NewReader(r)
	file.FieldsPerRecord = -1 // a missing field is a problem of its row, not the end of the file
	names, err := file.Read()
	if errors.Is(err, io.EOF) {
		return nil, inputError{{1, "the file is empty"}}
	}
	if err != nil {
		return nil, unreadable(err)
	}
	header, found := parseHeader(names)
	if len(found) > 0 {
		return nil, found
	}

	var recipients []recipient
	lines := map[string]int{} // by correlation id
	for {
		fields, err := file.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, append(found, unreadable(err)...)
		}
		line, _ := file.FieldPos(0)
		row, reasons := header.parse(fields)
		if first, taken := lines[row.correlationID]; taken && row.correlationID != "" {
			reasons = append(reasons, fmt.Sprintf("correlation_id: that of line %d again", first))
		} else {
			lines[row.correlationID] = line
		}
		for _, reason := range reasons {
			found = append(found, problem{line, reason})
		}
		row.line = line
		recipients = append(recipients, row)
	}
	switch {
	case len(found) > 0:
		return nil, found
	case len(recipients) == 0:
		return nil, inputError{{1, "no recipients after the header"}}
	}
	return recipients, nil
}

// unreadable is the end of reading: what follows broken quotes cannot be told apart.
func unreadable(err error) inputError {
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		return inputError{{bad.StartLine, bad.Err.Error() + "; nothing after it was read"}}
	}
	return inputError{{1, "cannot be read: " + err.Error()}}
}

// A header says which field of a row is what.
type header []string

const metadataPrefix = "metadata."

func parseHeader(names []string) (header, inputError) {
	names[0] = strings.TrimPrefix(names[0], "\uFEFF") // spreadsheets write a byte order mark
	var found inputError
	for i, name := range names {
		key, isMetadata := strings.CutPrefix(name, metadataPrefix)
		switch {
		case slices.Contains(names[:i], name):
			found = append(found, problem{1, fmt.Sprintf("column %q is there twice", name)})
		case isMetadata && key != "", name == "destination", name == "amount", name == "correlation_id":
		default:
			found = append(found, problem{1, fmt.Sprintf("column %q is not destination, amount, correlation_id or metadata.<key>", name)})
		}
	}
	for _, name := range []string{"destination", "amount"} {
		if !slices.Contains(names, name) {
			found = append(found, problem{1, fmt.Sprintf("column %q is missing", name)})
		}
	}
	return names, found
}

// parse returns the recipient of a row, or every reason why it is none.
func (h header) parse(fields []string) (r recipient, reasons []string) {
	if len(fields) != len(h) {
		return r, []string{fmt.Sprintf("%d fields, the header has %d", len(fields), len(h))}
	}
	complain := func(column string, err error) {
		if err != nil {
			reasons = append(reasons, column+": "+err.Error())
		}
	}
	for i, value := range fields {
		var err error
		switch name := h[i]; name {
		case "destination":
			r.destination, err = value, checkDestination(value)
		case "amount":
			r.amount, err = parseAmount(value)
		case "correlation_id":
			r.correlationID = value
			if value != "" {
				err = dwolla.ValidateCorrelationID(value)
			}
		default:
			if value == "" {
				continue
			}
			if r.metadata == nil {
				r.metadata = map[string]string{}
			}
			r.metadata[strings.TrimPrefix(name, metadataPrefix)] = value
		}
		if !utf8.ValidString(value) {
			err = errors.New("is not UTF-8")
		}
		complain(h[i], err)
	}
	complain("metadata", dwolla.ValidateMetadata(r.metadata))
	return r, reasons
}

func parseAmount(value string) (dwolla.Money, error) {
	amount, err := dwolla.USD(value)
	if err == nil {
		err = amount.ValidatePayment()
	}
	if bad, ok := errors.AsType[*api.AmountError](err); ok {
		return amount, errors.New(bad.Reason)
	}
	return amount, err
}

// checkDestination finds what cannot be a funding source; whether there is one is Dwolla's to say.
func checkDestination(value string) error {
	if value == "" {
		return errors.New("is missing")
	}
	id := value
	if strings.Contains(value, "/") {
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return errors.New("is neither an id nor the URL of a funding source")
		}
		path, ok := strings.CutPrefix(u.EscapedPath(), "/funding-sources/")
		if !ok {
			return errors.New("is a URL, but not that of a funding source")
		}
		id = path
	}
	if id == "" || strings.Trim(id, "0123456789-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return errors.New("has a character that no id has")
	}
	return nil
}
