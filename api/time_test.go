package api_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
)

// formatError fails the test unless err is a FormatError that does not hold text.
func formatError(t *testing.T, err error, text string) {
	t.Helper()
	if _, ok := errors.AsType[*api.FormatError](err); !ok {
		t.Fatalf("error is %T (%v), want *api.FormatError", err, err)
	}
	if text != "" && strings.Contains(err.Error(), text) {
		t.Errorf("the error holds the text: %v", err)
	}
}

func TestTimeReadsEveryFormOfDwolla(t *testing.T) {
	want := time.Date(2024, 2, 29, 21, 0, 59, 0, time.UTC)
	millis := want.Add(7 * time.Millisecond)
	nanos := want.Add(123456789)
	tests := map[string]struct {
		text api.Time
		want time.Time
	}{
		"milliseconds and Z":            {"2024-02-29T21:00:59.007Z", millis},
		"no fraction and Z":             {"2024-02-29T21:00:59Z", want},
		"nanoseconds and Z":             {"2024-02-29T21:00:59.123456789Z", nanos},
		"an offset of zero":             {"2024-02-29T21:00:59.007+00:00", millis},
		"an offset of hours":            {"2024-02-29T15:00:59-06:00", want},
		"an offset without colon":       {"2024-02-29T15:00:59.007-0600", millis},
		"no zone":                       {"2024-02-29T21:00:59.007", millis},
		"a space and UTC":               {"2024-02-29 21:00:59 UTC", want},
		"a space, a fraction and UTC":   {"2024-02-29 21:00:59.007 UTC", millis},
		"a space and Z":                 {"2024-02-29 21:00:59.007Z", millis},
		"a space and an offset":         {"2024-02-29 15:00:59-06:00", want},
		"a space before the offset":     {"2024-02-29 15:00:59 -06:00", want},
		"a space and a plain offset":    {"2024-02-29 15:00:59 -0600", want},
		"a space and no zone":           {"2024-02-29 21:00:59", want},
		"Java without zero seconds":     {"2024-02-29T21:00Z", want.Add(-59 * time.Second)},
		"Java without, and an offset":   {"2024-02-29T15:00-06:00", want.Add(-59 * time.Second)},
		"Java with a named zone":        {"2024-02-29T22:00:59.007+01:00[Europe/Paris]", millis},
		"Java with a zone for Z":        {"2024-02-29T21:00:59Z[UTC]", want},
		"an offset of whole hours":      {"2024-02-29T15:00:59-06", want},
		"an offset of +00":              {"2024-02-29 21:00:59.007+00", millis},
		"the year 0":                    {"0000-01-01T00:00:00Z", time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)},
		"the last moment that RFC 3339": {"9999-12-31T23:59:59.999Z", time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tt.text.Time()
			if err != nil || !got.Equal(tt.want) {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func TestTimeRefuses(t *testing.T) {
	for name, text := range map[string]api.Time{
		"the empty text":                  "",
		"a day alone":                     "2024-02-29",
		"a leap second":                   "2016-12-31T23:59:60Z",
		"a day that does not exist":       "2023-02-29T00:00:00Z",
		"an abbreviation other than UTC":  "2024-02-29 21:00:59 EST",
		"a named zone without an offset":  "2024-02-29T21:00:59[Europe/Paris]",
		"a zone that does not end":        "2024-02-29T21:00:59Z[UTC",
		"an hour alone":                   "2024-02-29T21Z",
		"seconds since 1970":              "1709240459",
		"text after the moment":           "2024-02-29T21:00:59Z and more",
		"a year of five digits":           "12024-02-29T21:00:59Z",
		"the American order of the parts": "02/29/2024 21:00:59",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := text.Time()
			formatError(t, err, string(text))
		})
	}
}

func TestTimeOf(t *testing.T) {
	chicago := time.FixedZone("", -6*60*60)
	equal(t, api.TimeOf(time.Date(2024, 2, 29, 15, 0, 59, 7_999_999, chicago)), "2024-02-29T21:00:59.007Z")
	equal(t, api.TimeOf(time.Time{}), "")
	equal(t, api.TimeOf(time.Time{}).IsZero(), true)
}

func TestTimeKeepsItsText(t *testing.T) {
	type resource struct {
		Created api.Time `json:"created"`
	}
	text := `{"created":"2018-11-29 21:00:59 UTC"}`
	lossless(t, text, decode[resource](t, text))
}

func FuzzTime(f *testing.F) {
	for _, text := range []string{"2017-08-31T19:18:02.000Z", "2018-11-29 21:00:59 UTC", "2024-02-29T15:00:59-06:00", "2016-12-31T23:59:60Z", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := api.Time(text).Time()
		if err != nil {
			formatError(t, err, "")
			return
		}
		if parsed.UTC().Year() < 0 || parsed.UTC().Year() > 9999 {
			return // an offset can leave the years that can be written
		}
		again, err := api.TimeOf(parsed).Time()
		if parsed.IsZero() {
			formatError(t, err, "")
			return
		}
		if err != nil || !again.Equal(parsed.Truncate(time.Millisecond)) {
			t.Fatalf("%q is %v, and written back %v, %v", text, parsed, again, err)
		}
	})
}

func TestFault246_ATimeIsStoredAndReadBackExactly(t *testing.T) {
	var (
		_ encoding.TextMarshaler   = api.Time("")
		_ encoding.TextUnmarshaler = new(api.Time)
		_ driver.Valuer            = api.Time("")
		_ sql.Scanner              = new(api.Time)
	)
	for text, want := range map[api.Time]any{"2026-03-01 09:30:00 UTC": "2026-03-01 09:30:00 UTC", "": nil} {
		stored, err := text.Value()
		if err != nil || stored != want {
			t.Errorf("%q is stored as %v, %v", text, stored, err)
		}
		got := api.Time("before")
		if err := got.Scan(stored); err != nil || got != text {
			t.Errorf("%q came back as %q, %v", text, got, err)
		}
	}
	moment := time.Date(2026, 3, 1, 9, 30, 0, 123456789, time.FixedZone("", 3600))
	var got api.Time
	if err := got.Scan(moment); err != nil {
		t.Fatal(err)
	}
	if back, err := got.Time(); err != nil || !back.Equal(moment) {
		t.Errorf("%v came back as %v, %v", moment, back, err)
	}
	if err := got.Scan(int64(1)); err == nil {
		t.Errorf("a number is read as %q", got)
	}
}

func TestATimeSaysWhetherItHasAZone(t *testing.T) {
	for text, want := range map[api.Time]bool{
		"2026-03-01T09:30:00.000Z": true, "2026-03-01T09:30:00-06:00": true, "2026-03-01 09:30:00 UTC": true, "2026-03-01T09:30Z": true,
		"2026-03-01T09:30:00": false, "2026-03-01T09:30:00.000": false, "2026-03-01 09:30:00": false, "": false, "soon": false,
	} {
		if got := text.HasZone(); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
