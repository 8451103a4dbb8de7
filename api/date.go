package api

import (
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// Date is a calendar day without a time or a zone, written YYYY-MM-DD.
type Date string

// NewDate returns the day of that year, month and day of the month. It corrects
// nothing: February 30 stays February 30, and [Date.Validate] refuses it.
func NewDate(year int, month time.Month, day int) Date {
	return Date(fmt.Sprintf("%04d-%02d-%02d", year, int(month), day))
}

// DateOf returns the day of t in the location of t.
func DateOf(t time.Time) Date {
	return NewDate(t.Date())
}

// Time returns the start of the day in UTC, or a [*FormatError] where d is not
// a day of the calendar.
func (d Date) Time() (time.Time, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}, &FormatError{Format: "a calendar day as YYYY-MM-DD"}
	}
	return t, nil
}

// Validate returns a [*FormatError] where d is not a day of the calendar.
func (d Date) Validate() error {
	_, err := d.Time()
	return err
}

// IsZero reports whether d is empty.
func (d Date) IsZero() bool { return d == "" }

// MarshalText implements [encoding.TextMarshaler]: the text as it is.
func (d Date) MarshalText() ([]byte, error) { return []byte(d), nil }

// UnmarshalText implements [encoding.TextUnmarshaler] and keeps the text as it
// is; [Date.Validate] checks it.
func (d *Date) UnmarshalText(text []byte) error {
	*d = Date(text)
	return nil
}

// Value implements [driver.Valuer]: the text of a day, NULL for the empty Date,
// and a [*FormatError] for what is not a day of the calendar.
func (d Date) Value() (driver.Value, error) {
	if d != "" {
		if err := d.Validate(); err != nil {
			return nil, err
		}
	}
	return textValue(string(d)), nil
}

// Scan implements [database/sql.Scanner] for a column of text or of a date.
// NULL is the empty Date; text that is not a day of the calendar is a
// [*FormatError].
func (d *Date) Scan(src any) error {
	if t, ok := src.(time.Time); ok {
		*d = DateOf(t)
		return nil
	}
	return scanText(src, func(text []byte) error {
		if len(text) > 0 {
			if err := Date(text).Validate(); err != nil {
				return err
			}
		}
		return d.UnmarshalText(text)
	})
}

// DecodeWire reads a string as it is; null gives the empty Date.
func (d *Date) DecodeWire(dec *wire.Decoder) { *d = Date(dec.String()) }

// EncodeWire writes the string as it is.
func (d *Date) EncodeWire(e *wire.Encoder) { e.String(string(*d)) }
