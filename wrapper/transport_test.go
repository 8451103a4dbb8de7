package dwolla_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

func TestARequestHasTheHeadersThatDwollaDemands(t *testing.T) {
	const hal = "application/vnd.dwolla.v1.hal+json"
	b := new(bank)
	client := clientOf(t, b)
	if err := pay(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	_ = client.Get(t.Context(), "/customers/x", nil, nil)
	for i, want := range []http.Header{
		{"Accept": {hal}, "Content-Type": {hal}, "Authorization": {"Bearer t"}},
		{"Accept": {hal}, "Authorization": {"Bearer t"}, "Content-Type": nil, "Idempotency-Key": nil},
	} {
		sent := b.requests()[i]
		for name := range want {
			if got := sent.Header.Get(name); got != want.Get(name) && name != "Authorization" || name == "Authorization" && sent.Authorization != want.Get(name) {
				t.Errorf("request %d: %s is %q, want %q", i, name, got, want.Get(name))
			}
		}
	}
	paid := b.requests()[0]
	if paid.Method != http.MethodPost || paid.URL != "https://api-sandbox.dwolla.com/transfers" || paid.Header.Get("Idempotency-Key") == "" || !json.Valid(paid.Body) {
		t.Errorf("%s %s: %s", paid.Method, paid.URL, paid.Body)
	}
}
