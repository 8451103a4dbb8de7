// Package show is how models appear in text and in logs: by their type and id alone. What else they hold is who
// somebody is and where money lies; json.Marshal writes that for those who mean it.
package show

import (
	"fmt"
	"io"
	"log/slog"
)

// Every model calls these, so they are kept from being inlined into each: that would be most of what a program's first
// build takes.

// String is the text of a model of that type; id may be empty.
//
//go:noinline
func String(kind, id string) string {
	if id == "" {
		return "dwolla." + kind
	}
	return "dwolla." + kind + "(" + id + ")"
}

// Format writes String for every verb and flag of package fmt: %+v, %#v and even %d would show every field.
//
//go:noinline
func Format(s fmt.State, kind, id string) {
	_, _ = io.WriteString(s, String(kind, id)) // fmt writes to memory
}

// Value is String for a log.
//
//go:noinline
func Value(kind, id string) slog.Value { return slog.StringValue(String(kind, id)) }
