package api_test

import (
	"database/sql"
	"database/sql/driver"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

// A column is a type that a column keeps as text.
type column interface {
	sql.Scanner
	driver.Valuer
}

func TestAColumnThatIsNoTextIsRefusedAndNullIsEmpty(t *testing.T) {
	for name, tt := range map[string]struct {
		v    column
		text string
	}{
		"money": {new(api.Money), "12.50 USD"},
		"date":  {new(api.Date), "2026-02-28"},
		"time":  {new(api.Time), "2026-02-28T10:00:00.000Z"},
	} {
		for _, src := range []any{tt.text, []byte(tt.text)} {
			equal(t, tt.v.Scan(src), nil)
			kept, err := tt.v.Value()
			equal(t, err, nil)
			equal(t, kept, driver.Value(tt.text))
		}
		for _, src := range []any{int64(1), 1.5, true} {
			if err := tt.v.Scan(src); err == nil {
				t.Errorf("%s: %T is taken for text", name, src)
			}
		}
		equal(t, tt.v.Scan(nil), nil)
		kept, err := tt.v.Value()
		equal(t, err, nil)
		equal(t, kept, nil)
	}
}
