package payout

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestFault139_RowsBeyondLimitsAreNamedByTheirLine(t *testing.T) {
	good := func() Row { return simRows(1)[0] }
	tests := []struct {
		name   string
		edit   func(*Row)
		reason string
	}{
		{"ten pairs of metadata", func(r *Row) {
			r.Metadata = map[string]string{}
			for i := range 10 {
				r.Metadata[fmt.Sprint(i)] = "x"
			}
		}, "metadata"},
		{"a value of 255 characters", func(r *Row) { r.Metadata = map[string]string{"k": strings.Repeat("x", 255)} }, "metadata"},
		{"a key of the package", func(r *Row) { r.Metadata = map[string]string{metadataRow: "1"} }, "metadata"},
		{"invalid UTF-8", func(r *Row) { r.Metadata = map[string]string{"k": "\xff"} }, "metadata"},
		{"a correlation id with a space", func(r *Row) { r.CorrelationID = "a b" }, "correlation_id"},
		{"a correlation id of 256 characters", func(r *Row) { r.CorrelationID = strings.Repeat("x", 256) }, "correlation_id"},
		{"zero", func(r *Row) { r.Amount = dwolla.USDCents(0) }, "amount"},
		{"a negative amount", func(r *Row) { r.Amount = dwolla.USDCents(-1) }, "amount"},
		{"three decimals", func(r *Row) { r.Amount.Amount = "1.005" }, "amount"},
		{"an exponent", func(r *Row) { r.Amount.Amount = "1e3" }, "amount"},
		{"another currency", func(r *Row) { r.Amount.Currency = "EUR" }, "amount"},
		{"more than an int64 of cents", func(r *Row) { r.Amount.Amount = "99999999999999999999" }, "amount"},
		{"the source itself", func(r *Row) { r.Destination = simSource }, "destination: is the source"},
		{"the source by id", func(r *Row) { r.Destination = "00000000-aaaa-4000-8000-000000000000" }, "destination: is the source"},
		{"no destination", func(r *Row) { r.Destination = "" }, "destination: is missing"},
		{"another host", func(r *Row) { r.Destination = "https://api.dwolla.com.evil.test/funding-sources/x" }, "destination"},
		{"a customer", func(r *Row) { r.Destination = "https://api.dwolla.com/customers/x" }, "destination"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bad := good()
			bad.Line = 77
			test.edit(&bad)
			_, err := Prepare(t.Context(), newMemStore(), simBatch, inputOf([]Row{good(), bad}), Plan{Source: simSource})
			input, ok := errors.AsType[*InputError](err)
			if !ok || input.Count != 1 || input.Rows[0].Line != 77 || !strings.HasPrefix(input.Rows[0].Reason, test.reason) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("all of them are reported", func(t *testing.T) {
		rows, told := simRows(2000), 0
		for i := range rows {
			rows[i].Amount.Amount = "0"
		}
		_, err := Prepare(t.Context(), newMemStore(), simBatch, inputOf(rows), Plan{Source: simSource, OnProblem: func(RowError) { told++ }})
		if input, ok := errors.AsType[*InputError](err); !ok || input.Count != 2000 || len(input.Rows) != maxProblems || told != 2000 {
			t.Errorf("told %d: %.200v", told, err)
		}
	})
}
