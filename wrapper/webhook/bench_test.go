package webhook_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

// BenchmarkHandler is an event from the request to the answer: read, verify, parse, claim, dispatch, complete.
func BenchmarkHandler(b *testing.B) {
	h, err := webhook.NewHandler(signingSecret,
		webhook.WithStore(&webhook.MemoryStore{Limit: 1000}), // forgets before an event comes again
		webhook.OnPrefix("customer_", func(context.Context, *webhook.Event) error { return nil }))
	if err != nil {
		b.Fatal(err)
	}
	requests := make([]*http.Request, 2000)
	bodies := make([]*bytes.Reader, len(requests))
	size := 0
	for i := range requests {
		body := encode(b, newEvent())
		size = len(body)
		requests[i] = request(b, body, webhook.Sign(signingSecret, body))
		bodies[i] = bytes.NewReader(body)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r := requests[i%len(requests)]
		body := bodies[i%len(requests)]
		_, _ = body.Seek(0, io.SeekStart)
		r.Body = io.NopCloser(body)
		w := &writer{}
		h.ServeHTTP(w, r)
		if w.status != http.StatusOK {
			b.Fatalf("answered %d", w.status)
		}
		i++
	}
}

func BenchmarkVerify(b *testing.B) {
	v, err := webhook.NewVerifier(signingSecret)
	if err != nil {
		b.Fatal(err)
	}
	body := encode(b, newEvent())
	header := http.Header{"X-Request-Signature-Sha-256": {webhook.Sign(signingSecret, body)}}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := v.Verify(header, body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	body := encode(b, newEvent())
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := webhook.Parse(body); err != nil {
			b.Fatal(err)
		}
	}
}

// A writer is a ResponseWriter that costs nothing.
type writer struct{ status int }

func (*writer) Header() http.Header { return http.Header{} }

func (w *writer) WriteHeader(status int) { w.status = status }

func (*writer) SetReadDeadline(time.Time) error { return nil } // as the server's own has

func (*writer) Write(p []byte) (int, error) { return len(p), nil }
