package api_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/wire"
)

func TestDate(t *testing.T) {
	day := api.NewDate(2024, time.February, 29)
	equal(t, day, "2024-02-29")
	equal(t, day.Validate(), nil)
	start, err := day.Time()
	equal(t, err, nil)
	equal(t, start, time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC))
	equal(t, day.IsZero(), false)
	equal(t, api.Date("").IsZero(), true)
}

func TestDateOfIsTheDayInItsOwnLocation(t *testing.T) {
	moment := time.Date(2024, 3, 1, 3, 0, 0, 0, time.UTC)
	equal(t, api.DateOf(moment), "2024-03-01")
	equal(t, api.DateOf(moment.In(time.FixedZone("", -6*60*60))), "2024-02-29")
}

func TestDateRefuses(t *testing.T) {
	for name, day := range map[string]api.Date{
		"the empty text":                   "",
		"February 29 of a common year":     api.NewDate(2023, time.February, 29),
		"February 29 of a common century":  api.NewDate(1900, time.February, 29),
		"the 31st of June":                 api.NewDate(2024, time.June, 31),
		"a month 0":                        api.NewDate(2024, 0, 1),
		"a negative day":                   api.NewDate(2024, 1, -1),
		"a year of five digits":            api.NewDate(12024, 1, 1),
		"a negative year":                  api.NewDate(-1, 1, 1),
		"single digits":                    "2024-2-9",
		"a moment":                         "2024-02-29T00:00:00Z",
		"a space after the day":            "2024-02-29 ",
		"the American order of the parts":  "02/29/2024",
		"digits of another script":         "٢٠٢٤-02-29",
		"a year that begins with a letter": "y024-02-29",
	} {
		t.Run(name, func(t *testing.T) {
			formatError(t, day.Validate(), string(day))
		})
	}
}

// Date and Time have no JSON methods: to encoding/json they are strings, and
// the codec must agree.
func TestDateAndTimeOnTheWireAreTheirText(t *testing.T) {
	for _, text := range []string{`"2024-02-29"`, `"any <text> é"`, `""`} {
		date, moment := decode[api.Date](t, text), decode[api.Time](t, text)
		var wireDate api.Date
		equal(t, wire.Unmarshal([]byte(text), &wireDate), nil)
		equal(t, wireDate, date)
		var wireTime api.Time
		equal(t, wire.Unmarshal([]byte(text), &wireTime), nil)
		equal(t, wireTime, moment)

		encoded, err := wire.Marshal(&wireDate)
		equal(t, err, nil)
		equal(t, string(encoded), text)
		encoded, err = wire.Marshal(&wireTime)
		equal(t, err, nil)
		equal(t, string(encoded), text)
	}
}

func TestFault245_ADateIsStoredAndReadBackExactly(t *testing.T) {
	var (
		_ encoding.TextMarshaler   = api.Date("")
		_ encoding.TextUnmarshaler = new(api.Date)
		_ driver.Valuer            = api.Date("")
		_ sql.Scanner              = new(api.Date)
	)
	day := time.Date(2026, 2, 28, 23, 0, 0, 0, time.FixedZone("", -8*3600))
	for _, src := range []any{"2026-02-28", []byte("2026-02-28"), day} {
		got := api.Date("2020-01-01")
		if err := got.Scan(src); err != nil || got != "2026-02-28" {
			t.Errorf("%v is read as %q, %v", src, got, err)
		}
	}
	got := api.Date("2020-01-01")
	if err := got.Scan(nil); err != nil || got != "" {
		t.Errorf("NULL is read as %q, %v", got, err)
	}
	for _, bad := range []any{"2026-02-30", "20260228", int64(20260228), true} {
		got := api.Date("2020-01-01")
		if err := got.Scan(bad); err == nil || got != "2020-01-01" {
			t.Errorf("%v is read as %q, %v", bad, got, err)
		}
	}
	for date, want := range map[api.Date]any{"2026-02-28": "2026-02-28", "": nil} {
		if stored, err := date.Value(); err != nil || stored != want {
			t.Errorf("%q is stored as %v, %v", date, stored, err)
		}
	}
	if stored, err := api.Date("2026-02-30").Value(); err == nil {
		t.Errorf("no day of the calendar is stored as %v", stored)
	}
	days := map[api.Date]int{"2026-02-28": 1, "not a day": 2, "": 3}
	text, err := json.Marshal(days)
	if err != nil || !reflect.DeepEqual(decode[map[api.Date]int](t, string(text)), days) {
		t.Errorf("the keys of a map are written as %s, %v", text, err)
	}
}
