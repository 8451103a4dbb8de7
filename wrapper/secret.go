package dwolla

import (
	"fmt"
	"io"
	"log/slog"
)

// A secret is a text that nothing shows, neither package fmt nor a dump by reflection: it is inside a function.
type secret func() string

func newSecret(s string) secret { return func() string { return s } }

// reveal gives the text, for the header that it goes into.
func (s secret) reveal() string {
	if s == nil {
		return ""
	}
	return s()
}

// Format implements fmt.Formatter.
func (secret) Format(s fmt.State, _ rune) { write(s, redacted) }

// LogValue implements slog.LogValuer.
func (secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// Format names the client by its host, whatever the verb.
func (c *Client) Format(s fmt.State, _ rune) { write(s, c.String()) }

// LogValue is what String gives.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Format writes the error's text, whatever the verb: the answer that it carries may hold personal data.
func (e *Error) Format(s fmt.State, _ rune) { write(s, e.Error()) }

// Format writes the error's text, whatever the verb.
func (e *OutcomeUnknownError) Format(s fmt.State, _ rune) { write(s, e.Error()) }

// Format writes the status alone, whatever the verb.
func (r Response) Format(s fmt.State, _ rune) { write(s, r.String()) }

// String gives the status and the request id.
func (r Response) String() string {
	return fmt.Sprintf("dwolla.Response(%d, request id %q)", r.StatusCode, r.RequestID)
}

// LogValue is what a log may hold: no header.
func (r Response) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("status", r.StatusCode), slog.String("request_id", r.RequestID), slog.Int("attempts", r.Attempts),
	)
}

func write(s fmt.State, text string) { _, _ = io.WriteString(s, text) } // fmt writes to memory
