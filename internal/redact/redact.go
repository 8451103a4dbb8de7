// Package redact prints a model by its type and id only, since the rest may be personal data.
package redact

import (
	"fmt"
	"io"
	"log/slog"
)

// String is the text of a model of that type; id may be empty.
func String(kind, id string) string {
	if id == "" {
		return "dwolla." + kind
	}
	return "dwolla." + kind + "(" + id + ")"
}

// Format writes String for every verb and flag of package fmt, since %+v, %#v and even %d would print every field.
func Format(s fmt.State, kind, id string) {
	_, _ = io.WriteString(s, String(kind, id)) // fmt writes to memory
}

// Value is String for a log.
func Value(kind, id string) slog.Value { return slog.StringValue(String(kind, id)) }
