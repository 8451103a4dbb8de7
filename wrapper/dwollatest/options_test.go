package dwollatest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestTheServerTakesTheCredentialsAndTheNameItIsGiven(t *testing.T) {
	t.Parallel()
	server := dwollatest.New(t, dwollatest.WithCredentials("a key", "a secret"), dwollatest.WithAccountName("Looms Inc."))
	if server.Key() != "a key" || server.Secret() != "a secret" {
		t.Errorf("the credentials are %q and %q", server.Key(), server.Secret())
	}
	account, err := server.Dwolla().Accounts.Get(t.Context(), server.Account().ID)
	if err != nil {
		t.Fatal(err)
	}
	if account.Name != "Looms Inc." {
		t.Errorf("the account is %q", account.Name)
	}
	stranger, err := dwolla.NewClient(dwolla.Sandbox, "a key", "another secret", dwolla.WithHTTPClient(server.Client()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.Root.Get(t.Context()); dwolla.OutcomeOf(err) != dwolla.OutcomeAuthFailed ||
		!errors.Is(err, dwolla.CodeInvalidClient) || strings.Contains(err.Error(), "not an answer") {
		t.Errorf("a wrong secret: %v", err)
	}
}

func TestATokenLivesAsLongAsItIsTold(t *testing.T) {
	t.Parallel()
	server := dwollatest.New(t, dwollatest.WithTokenLife(10*time.Minute))
	token, err := server.Dwolla().Tokens.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if token.ExpiresIn != 600 {
		t.Errorf("the token lives %d seconds", token.ExpiresIn)
	}
	ask := func() int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", "application/vnd.dwolla.v1.hal+json")
		req.Header.Set("Authorization", "Bearer "+token.AccessToken)
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	if status := ask(); status != http.StatusOK {
		t.Errorf("a new token is answered with %d", status)
	}
	server.Advance(11 * time.Minute)
	if status := ask(); status != http.StatusUnauthorized {
		t.Errorf("a token of eleven minutes is answered with %d", status)
	}
}
