package dwollatest

import (
	"maps"
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
		if got := fieldErrorsOf(contract.Violations{&row.violation}); !slices.Equal(got, row.want) {
			t.Errorf("%v: got %q", &row.violation, got)
		}
	}
}

func TestEmptyMembersAreMissing(t *testing.T) {
	body, empty := withoutEmpty([]byte(`{"a":"","b":[{"c":null,"d":0}],"e":[],"_links":{"f":null,"g":{"href":""}},"h":false}`))
	if want := `{"_links":{"g":{}},"b":[{"d":0}],"h":false}`; string(body) != want {
		t.Errorf("got %s", body)
	}
	want := []string{"/_links/f/href", "/_links/g/href", "/a", "/b/0/c", "/e"}
	if got := slices.Sorted(maps.Keys(empty)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if body, empty := withoutEmpty([]byte(`{"a":"b"}`)); body != nil || empty != nil {
		t.Errorf("without an empty member: got %s, %v", body, empty)
	}
}
