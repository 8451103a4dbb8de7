package dwolla

import (
	"errors"
	"net/http"
	"testing"
)

// An alwaysTransport has one answer to everything.
type alwaysTransport struct{ answer *http.Response }

func (t alwaysTransport) RoundTrip(*http.Request) (*http.Response, error) { return t.answer, nil }

func TestOnlyTheLocationOfARedirectIsKeptFromNetHTTP(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://bank.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for status, kept := range map[int]bool{201: false, 299: false, 300: true, 307: true, 399: true, 400: false} {
		answer := &http.Response{StatusCode: status, Header: http.Header{"Location": {"http://%zz"}}, Body: http.NoBody}
		resp, err := redirectless{alwaysTransport{answer}}.RoundTrip(request)
		if err != nil || (resp.Header.Get("Location") == "") != kept {
			t.Errorf("%d: %v, %v", status, resp.Header, err)
		}
	}
	for _, answer := range []*http.Response{nil, {StatusCode: 200}} {
		_, err := redirectless{alwaysTransport{answer}}.RoundTrip(request)
		if !errors.Is(err, errNoAnswer) {
			t.Errorf("an answer that is none: %v", err)
		}
	}
}
