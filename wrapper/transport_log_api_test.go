package dwolla_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestFault152_TheLogIsAnAllowlist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		s := newStub(t, func(n int, req *http.Request) *http.Response {
			if n == 1 {
				return reply(503, `{"message":"987-65-4329"}`, "X-Request-Id", "r1", "Set-Cookie", "cookie-canary")
			}
			return reply(201, "", "Location", sandbox+"/customers/id-canary")
		}, dwolla.WithLogger(logger))
		_, err := s.client.Customers.Create(t.Context(), dwolla.CreateUnverifiedCustomer{FirstName: "Canaryfirst", LastName: "L", Email: "canary@example.com"},
			dwolla.WithHeader("X-Canary", "header-canary"))
		ends(t, err, dwolla.OutcomeOK)
		s.sends(t, 2)
		allowed := []string{"time", "level", "msg", "op", "method", "path", "attempt", "duration", "status", "request_id", "outcome", "code"}
		lines := 0
		for line := range bytes.Lines(log.Bytes()) {
			var members map[string]any
			if err := json.Unmarshal(line, &members); err != nil {
				t.Fatal(err)
			}
			lines++
			for name := range members {
				if !slices.Contains(allowed, name) {
					t.Errorf("the log has %q", name)
				}
			}
		}
		if text := log.String(); lines != 2 || strings.Contains(strings.ToLower(text), "canary") || strings.Contains(text, "987-65") {
			t.Errorf("%d lines: %s", lines, text)
		}
	})
}

func TestFault156_LabelsAreTemplatesOfPaths(t *testing.T) {
	var labels []dwolla.Operation
	s := newStub(t, always(200, `{"id":"canary","_embedded":{"customers":[],"transfers":[]}}`), dwolla.WithMiddleware(
		func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			labels = append(labels, dwolla.OperationOf(req))
			return next(req)
		}))
	_, err := s.client.Customers.List(t.Context(), dwolla.ListCustomersParams{Search: "canary"})
	ends(t, err, dwolla.OutcomeOK)
	_, err = s.client.Transfers.ListForCustomer(t.Context(), "canary", dwolla.ListCustomerTransfersParams{Search: "canary"})
	ends(t, err, dwolla.OutcomeOK)
	_, err = dwolla.Follow(t.Context(), s.client, dwolla.LinkTo[dwolla.Customer](sandbox+"/customers/canary?x=canary"))
	ends(t, err, dwolla.OutcomeOK)
	s.sends(t, 3)
	for _, label := range labels {
		if text := fmt.Sprintf("%+v", label); strings.Contains(text, "canary") || label.Path == "" {
			t.Errorf("the label is %s", text)
		}
	}
	if len(labels) != 3 || labels[1].Path != "/customers/{id}/transfers" {
		t.Errorf("the labels are %+v", labels)
	}
}
