package api

import (
	"database/sql/driver"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// Time is a moment, in the text that Dwolla wrote. Most are RFC 3339 with
// milliseconds in UTC, but not all; [Time.Time] reads every form that is known.
type Time string

// timeOut is how the SDK writes a moment: RFC 3339, milliseconds, UTC.
const timeOut = "2006-01-02T15:04:05.000Z"

// withoutZone is how many of the forms, the last ones, have no zone.
const withoutZone = 2

// timeLayouts returns the forms in which moments are written, the common one first.
// Java leaves out seconds that are zero. Seconds may have a fraction in each. UTC is
// literal: for any other abbreviation the time package would make up a zone of offset
// zero.
func timeLayouts() [11]string {
	return [...]string{
		time.RFC3339,
		"2006-01-02T15:04:05Z0700",
		"2006-01-02T15:04:05Z07",
		"2006-01-02T15:04Z07:00",
		"2006-01-02 15:04:05 UTC",
		"2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05 Z07:00",
		"2006-01-02 15:04:05 Z0700",
		"2006-01-02 15:04:05Z07",
		"2006-01-02T15:04:05",
		time.DateTime,
	}
}

// TimeOf returns t in UTC, cut to milliseconds, such as
// "2026-03-01T09:30:00.000Z". The zero t gives the zero Time.
func TimeOf(t time.Time) Time {
	if t.IsZero() {
		return ""
	}
	return Time(t.UTC().Format(timeOut))
}

// Time returns the moment. A text without a zone is read as UTC; the name of a zone
// in brackets, which Java writes after an offset, says nothing more. It returns a
// [*FormatError] for a text of no known form, the empty one included.
func (t Time) Time() (time.Time, error) {
	text, layouts := string(t), timeLayouts()
	allowed := layouts[:]
	if offset, zone, ok := strings.Cut(text, "["); ok && strings.HasSuffix(zone, "]") {
		text, allowed = offset, layouts[:len(layouts)-withoutZone]
	}
	for _, layout := range allowed {
		if parsed, err := time.Parse(layout, text); err == nil {
			return parsed, nil
		}
	}
	return time.Time{}, &FormatError{Format: "a moment as in RFC 3339"}
}

// HasZone reports whether the text says in which zone it is, so that [Time.Time] is
// the moment that is meant. It is false for a text of no known form.
func (t Time) HasZone() bool {
	layouts := timeLayouts()
	for _, layout := range layouts[len(layouts)-withoutZone:] {
		if _, err := time.Parse(layout, string(t)); err == nil {
			return false
		}
	}
	_, err := t.Time()
	return err == nil
}

// IsZero reports whether t is empty.
func (t Time) IsZero() bool { return t == "" }

// MarshalText implements [encoding.TextMarshaler]: the text as it is.
func (t Time) MarshalText() ([]byte, error) { return []byte(t), nil }

// UnmarshalText implements [encoding.TextUnmarshaler] and keeps the text as it
// is.
func (t *Time) UnmarshalText(text []byte) error {
	*t = Time(text)
	return nil
}

// Value implements [driver.Valuer]: the text as it is, NULL where it is empty.
func (t Time) Value() (driver.Value, error) { return textValue(string(t)), nil }

// Scan implements [database/sql.Scanner] for a column of text, which is kept as
// it is, or of a moment, which is written in UTC. NULL is the empty Time.
func (t *Time) Scan(src any) error {
	if moment, ok := src.(time.Time); ok {
		*t = Time(moment.UTC().Format(time.RFC3339Nano))
		return nil
	}
	return scanText(src, t.UnmarshalText)
}

// DecodeWire reads a string as it is; null gives the empty Time.
func (t *Time) DecodeWire(d *wire.Decoder) { *t = Time(d.String()) }

// EncodeWire writes the string as it is.
func (t *Time) EncodeWire(e *wire.Encoder) { e.String(string(*t)) }
