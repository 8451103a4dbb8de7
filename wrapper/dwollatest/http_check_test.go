package dwollatest

import (
	"slices"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

func TestARefusalFollowsFromTheKeywordOfAViolation(t *testing.T) {
	for _, row := range []struct {
		violation contract.Violation
		want      []fieldError
	}{
		{
			contract.Violation{Where: "request body", Keyword: "required", Members: []string{"firstName", "lastName"}},
			[]fieldError{{"Required", "FirstName required.", "/firstName"}, {"Required", "LastName required.", "/lastName"}},
		},
		{
			contract.Violation{Where: "request body", Keyword: "required", Pointer: "/_links", Members: []string{"source"}},
			[]fieldError{{"Required", "Source required.", "/_links/source/href"}},
		},
		{
			contract.Violation{Where: "request body", Keyword: "required"},
			[]fieldError{{"Required", "The request required.", ""}},
		},
		{
			contract.Violation{Where: "request body", Keyword: "pattern", Pointer: "/items/0/correlationId"},
			[]fieldError{{"InvalidFormat", "CorrelationId has an invalid format.", "/items/0/correlationId"}},
		},
		{
			contract.Violation{Where: "query limit", Keyword: "maximum", Reason: "is more than 200"},
			[]fieldError{{"Invalid", "Limit is more than 200.", "/limit"}},
		},
	} {
		if got := fieldErrorsOf(contract.Violations{&row.violation}, false); !slices.Equal(got, row.want) {
			t.Errorf("%v: got %q", &row.violation, got)
		}
	}
}

func TestEmptyMembersAreMissingAndAmountsCanBeNumbers(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":"","b":[{"c":null,"d":0}],"e":[],"_links":{"f":null,"g":{"href":""}},"h":false}`: `{"_links":{"g":{}},"b":[{"d":0}],"h":false}`,
		`{"amount":{"value":1.10,"currency":"USD"},"value":2,"n":12345678901234567890}`:        `{"amount":{"currency":"USD","value":"1.10"},"n":12345678901234567890,"value":2}`,
		`{"a":"b" }`:         `{"a":"b" }`,
		`{"a":""} {"b":"c"}`: `{"a":""} {"b":"c"}`,
		`{"a":"",`:           `{"a":"",`,
	} {
		if got := string(asRead([]byte(body))); got != want {
			t.Errorf("%s: got %s", body, got)
		}
	}
}
