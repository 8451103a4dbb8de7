package contract_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

func TestMiddleware(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", halJSON)
			w.WriteHeader(status)
			w.Header().Set("X-Late", "1") // too late, as in net/http
			_, _ = io.WriteString(w, body)
		})
	}
	tests := []struct {
		name, line, body string
		next             http.Handler
		status           int
		want             string
	}{
		{"what keeps the contract passes", "POST /mass-payments/m1", `{"status":"pending"}`, answer(200, massPayment), 200, massPayment},
		{
			"a bad request does not get through", "POST /mass-payments/m1", `{"status":"paused"}`, answer(200, massPayment), 400,
			`{"code":"ContractViolation","message":"contract: updateMassPayment: request body /status: is none of pending, cancelled"}` + "\n",
		},
		{
			"an unknown path does not get through", "GET /payouts", "", answer(200, massPayment), 400,
			`{"code":"ContractViolation","message":"contract: no operation has the path of GET /payouts"}` + "\n",
		},
		{
			"a bad answer does not get out", "GET /mass-payments/m1", "", answer(200, `{"id":7}`), 500,
			`{"code":"ContractViolation","message":"contract: getMassPayment: response 200 body /id: is of type number, not string"}` + "\n",
		},
		{
			"a handler that writes nothing answers 200", "GET /mass-payments/m1", "", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), 500,
			`{"code":"ContractViolation","message":"contract: getMassPayment: response 200 body: is missing"}` + "\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			contract.Middleware(tt.next, newValidator(t)).ServeHTTP(w, request(t, tt.line, halJSON, tt.body))
			if w.Code != tt.status || w.Body.String() != tt.want {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
			if w.Header().Get("Content-Type") != halJSON || w.Header().Get("X-Late") != "" {
				t.Errorf("the headers are %v", w.Header())
			}
		})
	}
}

func TestMiddlewareGivesTheHandlerTheWholeBody(t *testing.T) {
	t.Parallel()
	next := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil || string(body) != transfer {
			t.Errorf("the handler reads %q, %v", body, err)
		}
		w.Header().Set("Location", baseURL+"/transfers/t1")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusCreated)
	})
	server := httptest.NewServer(contract.Middleware(next, newValidator(t, contract.WithStrict())))
	t.Cleanup(server.Close)
	client := &http.Client{Transport: contract.Transport(nil, newValidator(t, contract.WithStrict()))}
	req := request(t, "POST /transfers", halJSON, transfer)
	req.URL.Scheme, req.URL.Host, req.Host = "http", server.Listener.Addr().String(), ""
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusCreated || resp.Header.Get("Location") == "" {
		t.Errorf("got %d %v", resp.StatusCode, resp.Header)
	}
}
