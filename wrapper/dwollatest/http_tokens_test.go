package dwollatest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestTokens(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	valid := r.token
	r.token = "unknown"
	r.expect("unknown token", r.call(http.MethodGet, "/", nil).code(), "InvalidAccessToken")
	out := r.call(http.MethodGet, "/", nil, "Authorization", "Basic x")
	r.expect("another scheme", out.code(), "InvalidCredentials")
	r.expect("status", out.status, http.StatusUnauthorized)

	r.token = valid
	r.Advance(time.Hour - time.Second)
	r.expect("within its life", r.call(http.MethodGet, "/", nil).status, http.StatusOK)
	r.authenticate()
	r.Advance(time.Second)
	r.expect("the newer one", r.call(http.MethodGet, "/", nil).status, http.StatusOK)
	r.token = valid
	r.expect("the older one", r.call(http.MethodGet, "/", nil).code(), "ExpiredAccessToken")

	for _, row := range []struct{ name, secret, form, want string }{
		{"wrong secret", "wrong", "grant_type=client_credentials", "invalid_client"},
		{"no grant", r.Secret(), "", "invalid_request"},
		{"another grant", r.Secret(), "grant_type=password", "unsupported_grant_type"},
	} {
		request := r.request(http.MethodPost, "/token", strings.NewReader(row.form))
		request.SetBasicAuth(r.Key(), row.secret)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.expect(row.name, r.send(request).body.text("error"), row.want)
	}
}

func TestClientTokensAreForKnownCustomers(t *testing.T) {
	r := newRig(t)
	customer := r.AddVerifiedCustomer("Jane Doe")
	in := jsonObject{"action": "customer.transfers.send", "_links": jsonObject{"customer": href(customer.Href)}}
	if token := r.post("/client-tokens", in).body.text("token"); token == "" {
		t.Error("got no token")
	}
	in["_links"] = jsonObject{"customer": href("/customers/none")}
	r.expect("unknown", r.post("/client-tokens", in).problem(), "Invalid /_links/customer/href")
}
