package dwolla_test

import (
	"net/url"
	"testing"
)

func TestGetKeepsTheQueryOfItsHrefUnlessGivenAnother(t *testing.T) {
	for _, tt := range []struct {
		query url.Values
		want  string
	}{
		{nil, sandbox + "/transfers/x?a=1"},
		{url.Values{}, sandbox + "/transfers/x?a=1"},
		{url.Values{"b": {"2"}}, sandbox + "/transfers/x?b=2"},
	} {
		s := newStub(t, always(200, `{"id":"x"}`))
		if err := s.client.Get(t.Context(), "/transfers/x?a=1", tt.query, nil); err != nil {
			t.Fatal(err)
		}
		if got := s.requests()[0].URL; got != tt.want {
			t.Errorf("%v: asked for %s", tt.query, got)
		}
	}
}

func TestPostSendsABodyWhereItIsGivenOne(t *testing.T) {
	for body, want := range map[any]string{nil: "", 7: "7", "a": `"a"`, struct{ A int }{1}: `{"A":1}`} {
		s := newStub(t, always(200, `{"id":"x"}`))
		if _, err := s.client.Post(t.Context(), "/transfers/x", body, nil); err != nil {
			t.Fatal(err)
		}
		if got := string(s.requests()[0].Body); got != want {
			t.Errorf("%v was sent as %q", body, got)
		}
	}
}
