package dwolla_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// watchHeap notes the most that the heap holds, until it is stopped.
func watchHeap() (peak *atomic.Uint64, stop func()) {
	peak = new(atomic.Uint64)
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			peak.Store(max(peak.Load(), now.HeapInuse))
			select {
			case <-end:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	return peak, func() { close(end); <-ended }
}

// TestGoal10_MemoryIsBounded reads answers without end, and watches the heap.
func TestGoal10_MemoryIsBounded(t *testing.T) {
	const slack = 8 << 20
	bodies := map[string]struct {
		cap   int
		serve http.HandlerFunc
	}{
		"a gzip bomb": {32 << 20, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
			_, _ = io.Copy(z, io.LimitReader(spaces{}, 1<<30))
		}},
		"a page of 5 GiB": {32 << 20, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, io.LimitReader(spaces{}, 5<<30)) }},
		"an error of 1 GiB": {1 << 20, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.Copy(w, io.LimitReader(spaces{}, 1<<30))
		}},
		"5 GiB that are announced": {32 << 20, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5368709120")
			_, _ = io.Copy(w, io.LimitReader(spaces{}, 5<<30))
		}},
	}
	for name, tt := range bodies {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if req.URL.Path == "/token" {
					_, _ = io.WriteString(w, `{"access_token":"t","expires_in":3600}`)
					return
				}
				tt.serve(w, req)
			}))
			defer server.Close()
			client, err := dwolla.NewClient(dwolla.Sandbox, "k", "s", dwolla.WithBaseURL(server.URL), dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))
			if err != nil {
				t.Fatal(err)
			}
			defer client.CloseIdleConnections()
			runtime.GC()
			var before runtime.MemStats
			runtime.ReadMemStats(&before)
			peak, stop := watchHeap()
			_, err = client.Customers.List(t.Context(), dwolla.ListCustomersParams{})
			stop()
			if err == nil || strings.Contains(err.Error(), "    ") {
				t.Errorf("the answer was taken: %v", err)
			}
			grown := int64(peak.Load()) - int64(before.HeapInuse)
			t.Logf("G10: %s: the heap grew by %.1f MiB, the cap is %d MiB", name, float64(grown)/(1<<20), tt.cap>>20)
			if grown > int64(tt.cap)+slack {
				t.Errorf("the heap grew by %d bytes", grown)
			}
		})
	}
}
