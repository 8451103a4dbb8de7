package api_test

import (
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
