package dwolla_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"unicode"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestFault292_TheTextOfAnErrorIsOneLine(t *testing.T) {
	const hostile = "a\nlevel=ERROR\r\x1b[31m\u202e\u2066b\u2028c\u009b\u200f"
	transport := func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/token" {
			return reply(200, `{"access_token":"t"}`), nil
		}
		return nil, errors.Join(errors.New("one"), errors.New("two "+hostile))
	}
	broken, err := dwolla.NewClient(dwolla.Sandbox, "key", "secret", dwolla.WithHTTPClient(&http.Client{Transport: roundTripper(transport)}), dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	_, ofTransport := broken.Customers.Get(t.Context(), "x")
	_, ofPayment := broken.Transfers.Create(t.Context(), aTransfer())
	s := newStub(t, func(int, *http.Request) *http.Response {
		resp := reply(400, `{"code":"Bad\nRequest","_embedded":{"errors":[{"code":"In\u202evalid","path":"/a\nb"}]}}`)
		resp.Header["X-Request-Id"] = []string{hostile}
		return resp
	})
	_, ofAnswer := s.client.Customers.Get(t.Context(), "x")
	var record dwolla.OutcomeUnknownError
	text, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(fmt.Appendf(nil, `{"idempotencyKey":"k","bodySha256":"b","first":"2026-01-01T00:00:00Z","method":"POST","path":"/transfers","origin":"o","environment":"sandbox","error":%s}`, text), &record); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"of a transport": ofTransport, "of a payment": ofPayment, "of an answer": ofAnswer, "of a record": &record,
		"of an argument":      &dwolla.ArgumentError{Argument: "a", Reason: "b", Err: errors.New(hostile)},
		"of an option":        &dwolla.ConfigurationError{Option: "a", Reason: "b", Err: errors.New(hostile)},
		"of a reconciliation": &dwolla.ReconcileError{Kind: dwolla.ErrAmbiguous, Reason: hostile, Err: errors.New(hostile)},
		"made by the user":    &dwolla.Error{Op: "x", RequestID: hostile, Err: errors.New(hostile)},
	} {
		for _, text := range []string{err.Error(), fmt.Sprint(err), fmt.Sprintf("%+v", err)} {
			if i := strings.IndexFunc(text, func(r rune) bool {
				return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
			}); i >= 0 {
				t.Errorf("%s: %q", name, text)
				break
			}
		}
	}
	if e, _ := errors.AsType[*dwolla.Error](ofAnswer); strings.ContainsAny(e.RequestID, "\n\x1b\u202e") {
		t.Errorf("the request id is %q", e.RequestID)
	}
}

func TestFault293_ALogOfAnErrorHasItsFieldsByTheNamesOfItsJSON(t *testing.T) {
	fields := strings.TrimSuffix(strings.Repeat(`{"code":"Required","path":"/firstName","message":"Ann"},`, 7), ",")
	s := newStub(t, always(400, `{"code":"ValidationError","message":"Ann","_embedded":{"errors":[`+fields+`]}}`, "X-Request-Id", "req-1"))
	_, err := s.client.Customers.Get(t.Context(), "x")
	var text, log bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "err", err)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "err", err)
	if !strings.Contains(text.String(), "Required at /firstName") || strings.Contains(text.String(), "Ann") {
		t.Error(text.String())
	}
	var logged struct{ Err map[string]any }
	var marshaled map[string]any
	data, bad := json.Marshal(err)
	if bad != nil || json.Unmarshal(data, &marshaled) != nil || json.Unmarshal(log.Bytes(), &logged) != nil {
		t.Fatalf("%s %s %v", data, log.String(), bad)
	}
	for name := range marshaled {
		if name != "fields" && fmt.Sprint(logged.Err[name]) != fmt.Sprint(marshaled[name]) {
			t.Errorf("%s: %v in the log, %v in JSON", name, logged.Err[name], marshaled[name])
		}
	}
	list, _ := logged.Err["fields"].([]any)
	if len(list) == 0 {
		t.Fatalf("no fields in %s", log.String())
	}
	if first, _ := list[0].(map[string]any); first["code"] != "Required" || first["path"] != "/firstName" || len(first) != 2 {
		t.Errorf("the first field is %v", list[0])
	}
	if marshaled["request_id"] != "req-1" || len(marshaled) != len(logged.Err) {
		t.Errorf("JSON %s, log %s", data, log.String())
	}
}
