package faultserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

// pay posts a transfer and returns the status of the response.
func pay(t *testing.T, bank *faultserver.Bank, token, key, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, faultserver.Base+"/transfers", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Idempotency-Key", key)
	resp, err := bank.Memory().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestABankPaysOncePerKeyAndRequest(t *testing.T) {
	var bank faultserver.Bank
	token := bank.Issue(faultserver.Stall().Wait)
	bank.Script(nil, nil, nil, faultserver.Status(500, "ServerError").Committed().Locked())
	for i, row := range []struct {
		key, body    string
		status, paid int
	}{
		{"a", "1", 201, 1},
		{"a", "1", 201, 1},
		{"a", "2", 201, 2}, // the worst that Dwolla could do with another body
		{"b", "1", 500, 3},
		{"b", "1", 409, 3},
	} {
		if status := pay(t, &bank, token, row.key, row.body); status != row.status || bank.Ledger.Len() != row.paid {
			t.Errorf("request %d: got %d, %d paid; want %d, %d", i+1, status, bank.Ledger.Len(), row.status, row.paid)
		}
	}
	if bank.Revoke(); pay(t, &bank, token, "c", "1") != http.StatusUnauthorized {
		t.Error("a revoked token is valid")
	}
}
