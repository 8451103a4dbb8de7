package dwolla

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestWaitForEndsByTheStatusTheErrorOrTheContext(t *testing.T) {
	of := func(status string) *faultserver.Fault {
		return faultserver.Text(200, halType, fmt.Sprintf(`{"id":"t","status":%q,"_links":{}}`, status))
	}
	virtual(t, "a transfer", func(t *testing.T) {
		for _, final := range []string{"processed", "failed", "cancelled"} {
			r := inMemoryRig(t)
			r.bank.Script(of("pending"), of("of tomorrow"), of("pending"), of(final))
			var seen []string
			began := time.Now()
			got, err := r.Transfers.WaitFor(t.Context(), "t", Wait{Interval: 4 * time.Second, MaxInterval: 5 * time.Second, Progress: func(s string) { seen = append(seen, s) }})
			if err != nil || string(got.Status) != final || !slices.Equal(seen, []string{"pending", "of tomorrow", "pending", final}) {
				t.Errorf("%v, %v, %q", got, err, seen)
			}
			if d := time.Since(began); d < 14*time.Second || d > 18*time.Second { // 4, 5 and 5 s, and up to a quarter of each
				t.Errorf("%s: after %s", final, d)
			}
		}
	})
	virtual(t, "a mass payment", func(t *testing.T) {
		for _, final := range []string{"complete", "cancelled"} {
			r := inMemoryRig(t)
			r.bank.Script(of("deferred"), of("processing"), of(final))
			if got, err := r.MassPayments.WaitFor(t.Context(), "m", Wait{}); err != nil || string(got.Status) != final {
				t.Errorf("%v, %v", got, err)
			}
		}
	})
	virtual(t, "an error", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Status(404, "NotFound"))
		_, transfer := r.Transfers.WaitFor(t.Context(), "t", Wait{})
		_, mass := r.MassPayments.WaitFor(t.Context(), "m", Wait{})
		if !errors.Is(transfer, ErrNotFound) || !errors.Is(mass, ErrNotFound) {
			t.Errorf("%v, %v", transfer, mass)
		}
	})
	virtual(t, "the context", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(of("pending"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		got, err := r.Transfers.WaitFor(ctx, "t", Wait{})
		if !errors.Is(err, context.DeadlineExceeded) || got == nil || got.Status != TransferStatusPending {
			t.Errorf("%v, %v; want what was seen last", got, err)
		}
	})
	virtual(t, "a negative interval", func(t *testing.T) {
		r := inMemoryRig(t)
		_, err := r.Transfers.WaitFor(t.Context(), "t", Wait{Interval: -1})
		r.check(t, err, want{OutcomeNotSent, 0, 0})
	})
}

// TestAnHTTPClientOfTheCallersOwnNeedsNoTransport goes over net/http's default transport, under a client with a limit.
func TestAnHTTPClientOfTheCallersOwnNeedsNoTransport(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/token" {
			_, _ = io.WriteString(w, `{"access_token":"t","expires_in":3600}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"id":"x","status":%q}`, req.URL.RawQuery)
	}))
	defer server.Close()
	defer http.DefaultClient.CloseIdleConnections()
	client, err := NewClient(Sandbox, "k", "s", WithBaseURL(server.URL), WithHTTPClient(&http.Client{Timeout: time.Minute}))
	if err != nil {
		t.Fatal(err)
	}
	var out struct{ ID, Status string }
	if err := client.Get(t.Context(), "/transfers/x", url.Values{"a": {"b c"}}, &out); err != nil || out.ID != "x" || out.Status != "a=b+c" {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestASecretIsNotShown(t *testing.T) {
	s := newSecret("canary")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s)
	if shown := fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s) + log.String(); strings.Contains(shown, "canary") || strings.Count(shown, redacted) != 6 {
		t.Error(shown)
	}
}

func TestAnUploadNeedsADocumentAndItsType(t *testing.T) {
	for name, part := range map[string]call.Part{
		"no document": {Name: "documentType", Value: "passport"},
		"no type":     {Name: "file", File: File{Name: "scan", Content: strings.NewReader("x")}},
	} {
		if _, _, err := encodeMultipart(t.Context(), []call.Part{part}, true); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestATransferNeedsBothItsSides(t *testing.T) {
	for name, spoil := range map[string]func(*CreateTransfer){
		"_links.source":      func(c *CreateTransfer) { c.Links.Source.Href = "" },
		"_links.destination": func(c *CreateTransfer) { c.Links.Destination.Href = "" },
		"fees[1].amount":     func(c *CreateTransfer) { c.Fees = []CreateTransferFee{{Amount: USDCents(1)}, {}} },
		"metadata":           func(c *CreateTransfer) { c.Metadata = map[string]string{"": "x"} },
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			sent := payment("rent-1")
			spoil(&sent)
			_, err := r.Transfers.Create(t.Context(), sent)
			r.check(t, err, want{OutcomeNotSent, 0, 0})
			if bad, ok := errors.AsType[*ArgumentError](err); !ok || bad.Argument != "body."+name {
				t.Error(err)
			}
		})
	}
}

func TestUSDReadsAnAmount(t *testing.T) {
	if got, err := USD("12.50"); err != nil || !got.Equal(USDCents(1250)) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := USD("12,50"); err == nil {
		t.Error("took a comma")
	}
}
