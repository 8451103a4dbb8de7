package dwolla

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The jobs of the benchmark: how the client does one, and how plain net/http with encoding/json does the same. Both
// ask a server in a process of its own (benchserver_test.go), so that only the client is measured.
//
//	a1   read one mass payment, n times, one after the other
//	a16  the same from 16 goroutines
//	b    walk n items of a mass payment, and add their amounts up
//	c    create n mass payments of 5,000 items
type benchJobs interface {
	get(ctx context.Context, n, workers int) error
	walk(ctx context.Context, id string, ahead int) (items int, err error)
	create(ctx context.Context, n, items int) error
	close()
}

// ours are the jobs done with the client, every check switched on.
type ours struct {
	client *Client
	body   CreateMassPayment // of the last create
}

func newOurs(tb testing.TB, s *benchServer) benchJobs {
	tb.Helper()
	client := newHTTPClient(defaultTimeouts())
	client.Transport.(*http.Transport).TLSClientConfig = s.trust()
	c, err := NewClient(Sandbox, "key", "secret", WithBaseURL(s.url), WithHTTPClient(client))
	if err != nil {
		tb.Fatal(err)
	}
	return &ours{client: c}
}

func (o *ours) close() { o.client.CloseIdleConnections() }

func (o *ours) get(ctx context.Context, n, workers int) error {
	return fan(n, workers, func() error {
		m, err := o.client.MassPayments.Get(ctx, benchID)
		if err == nil && m.ID != benchID {
			err = fmt.Errorf("got %q", m.ID)
		}
		return err
	})
}

func (o *ours) walk(ctx context.Context, id string, ahead int) (int, error) {
	items, sum := 0, USDCents(0)
	for item, err := range o.client.MassPayments.AllItems(ctx, id, ListMassPaymentItemsParams{}, WithPagesAhead(ahead)) {
		if err != nil {
			return items, err
		}
		items++
		if sum, err = sum.Add(item.Amount); err != nil {
			return items, err
		}
	}
	return items, nil
}

func (o *ours) create(ctx context.Context, n, items int) error {
	body := &o.body
	for i := len(body.Items); i < items; i++ {
		body.Links.Source.Href = benchSource
		body.Items = append(body.Items, CreateMassPaymentItem{
			Links:  CreateMassPaymentItemLinks{Destination: LinkTo[FundingSource](benchDestination)},
			Amount: USDCents(int64(100 + i)), CorrelationID: "item-" + strconv.Itoa(i),
			Metadata: map[string]string{"invoice": strconv.Itoa(i)},
		})
	}
	body.Items = body.Items[:items]
	for range n {
		if _, err := o.client.MassPayments.Create(ctx, *body); err != nil {
			return err
		}
	}
	return nil
}

// stdlib are the jobs as one writes them without a library: typed, with a struct for the links of each resource, and
// http.DefaultTransport as it is.
type stdlib struct {
	url    string
	client *http.Client
	body   stdlibRequest // of the last create
}

func newStdlib(_ testing.TB, s *benchServer) benchJobs {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = s.trust()
	return &stdlib{url: s.url, client: &http.Client{Transport: transport}}
}

type (
	plainLink struct {
		Href         string `json:"href"`
		Type         string `json:"type,omitempty"`
		ResourceType string `json:"resource-type,omitempty"`
	}
	plainMoney struct {
		Value    string `json:"value"`
		Currency string `json:"currency"`
	}
	plainLinks struct {
		Self        plainLink `json:"self,omitzero"`
		Source      plainLink `json:"source,omitzero"`
		Items       plainLink `json:"items,omitzero"`
		MassPayment plainLink `json:"mass-payment,omitzero"`
		Destination plainLink `json:"destination,omitzero"`
		Transfer    plainLink `json:"transfer,omitzero"`
		Next        plainLink `json:"next,omitzero"`
	}
	plainPayment struct {
		Links         plainLinks        `json:"_links"`
		ID            string            `json:"id"`
		Status        string            `json:"status"`
		Created       string            `json:"created"`
		CorrelationID string            `json:"correlationId"`
		Total         plainMoney        `json:"total"`
		TotalFees     plainMoney        `json:"totalFees"`
		Metadata      map[string]string `json:"metadata"`
	}
	plainItem struct {
		Links         plainLinks        `json:"_links"`
		ID            string            `json:"id,omitempty"`
		Status        string            `json:"status,omitempty"`
		CorrelationID string            `json:"correlationId"`
		Amount        plainMoney        `json:"amount"`
		Metadata      map[string]string `json:"metadata"`
	}
	stdlibRequest struct {
		Links plainLinks  `json:"_links"`
		Items []plainItem `json:"items"`
	}
	plainPage struct {
		Links    plainLinks `json:"_links"`
		Embedded struct {
			Items []plainItem `json:"items"`
		} `json:"_embedded"`
		Total int `json:"total"`
	}
)

func (p *stdlib) close() { p.client.CloseIdleConnections() }

func (p *stdlib) do(ctx context.Context, method, url string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer token")
	req.Header.Set("Accept", "application/vnd.dwolla.v1.hal+json")
	if body != nil {
		req.Header.Set("Content-Type", "application/vnd.dwolla.v1.hal+json")
		req.Header.Set("Idempotency-Key", "9d0a229a-c5f7-44cc-b0d8-95d3ffb76b65")
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	if out == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	return json.NewDecoder(resp.Body).Decode(out)
}

func (p *stdlib) get(ctx context.Context, n, workers int) error {
	return fan(n, workers, func() error {
		var m plainPayment
		err := p.do(ctx, http.MethodGet, p.url+"/mass-payments/"+benchID, nil, &m)
		if err == nil && m.ID != benchID {
			err = fmt.Errorf("got %q", m.ID)
		}
		return err
	})
}

func (p *stdlib) walk(ctx context.Context, id string, _ int) (items int, err error) {
	sum := 0
	for next := p.url + "/mass-payments/" + id + "/items?limit=200"; next != ""; {
		var page plainPage
		if err := p.do(ctx, http.MethodGet, next, nil, &page); err != nil {
			return items, err
		}
		for i := range page.Embedded.Items {
			items++
			cents, err := strconv.Atoi(strings.Replace(page.Embedded.Items[i].Amount.Value, ".", "", 1))
			if err != nil {
				return items, err
			}
			sum += cents
		}
		next = page.Links.Next.Href
	}
	return items, nil
}

func (p *stdlib) create(ctx context.Context, n, items int) error {
	body := &p.body
	for i := len(body.Items); i < items; i++ {
		body.Links = plainLinks{Source: plainLink{Href: benchSource}}
		body.Items = append(body.Items, plainItem{
			Links:         plainLinks{Destination: plainLink{Href: benchDestination}},
			CorrelationID: "item-" + strconv.Itoa(i),
			Amount:        plainMoney{fmt.Sprintf("%d.%02d", (100+i)/100, i%100), "USD"},
			Metadata:      map[string]string{"invoice": strconv.Itoa(i)},
		})
	}
	body.Items = body.Items[:items]
	for range n {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		if err := p.do(ctx, http.MethodPost, p.url+"/mass-payments", data, nil); err != nil {
			return err
		}
	}
	return nil
}

// fan calls f n times from that many goroutines.
func fan(n, workers int, f func() error) error {
	var group sync.WaitGroup
	errs := make(chan error, workers)
	for w := range workers {
		group.Go(func() {
			for i := w; i < n; i += workers {
				if err := f(); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(errs)
	return <-errs
}

// The benchmarks are for benchstat; TestRatios (ratios_test.go) prints what the two cost beside each other. One operation
// is a job of so many units, and each unit should cost the same however many there are.
func benchmark(b *testing.B, tlsToo bool, units int, job func(ctx context.Context, jobs benchJobs, n int) error) {
	s := startBenchServer(b, tlsToo)
	for _, side := range []struct {
		name    string
		newJobs func(testing.TB, *benchServer) benchJobs
	}{{"dwolla", newOurs}, {"plain", newStdlib}} {
		b.Run(side.name, func(b *testing.B) {
			jobs := side.newJobs(b, s)
			defer jobs.close()
			if err := jobs.get(b.Context(), 1, 1); err != nil { // the token, and the first connection
				b.Fatal(err)
			}
			if err := jobs.create(b.Context(), 0, min(units, MaxMassPaymentItems)); err != nil { // the body of job c
				b.Fatal(err)
			}
			var before, after runtime.MemStats
			peak := watchPeak()
			b.ReportAllocs()
			b.ResetTimer()
			runtime.ReadMemStats(&before)
			if err := job(b.Context(), jobs, b.N); err != nil {
				b.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			b.StopTimer()
			b.ReportMetric(peak()/(1<<20), "peak-MiB")
			if done := float64(b.N * units); units > 1 {
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/done, "ns/item")
				b.ReportMetric(float64(after.Mallocs-before.Mallocs)/done, "allocs/item")
			}
		})
	}
}

// watchPeak looks at the heap every few milliseconds, without stopping the world, until it is asked for the most that it
// has seen, in bytes.
func watchPeak() func() float64 {
	runtime.GC()
	end, most := make(chan struct{}), make(chan float64)
	go func() {
		heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		peak := 0.0
		for {
			metrics.Read(heap)
			peak = max(peak, float64(heap[0].Value.Uint64()))
			select {
			case <-end:
				most <- peak
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() float64 { close(end); return <-most }
}

func BenchmarkA1Get(b *testing.B) {
	benchmark(b, false, 1, func(ctx context.Context, jobs benchJobs, n int) error { return jobs.get(ctx, n, 1) })
}

func BenchmarkA16Get(b *testing.B) {
	benchmark(b, false, 1, func(ctx context.Context, jobs benchJobs, n int) error { return jobs.get(ctx, n, 16) })
}

func BenchmarkA16GetTLS(b *testing.B) {
	benchmark(b, true, 1, func(ctx context.Context, jobs benchJobs, n int) error { return jobs.get(ctx, n, 16) })
}

func BenchmarkBWalk(b *testing.B) {
	for _, items := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(items), func(b *testing.B) {
			benchmark(b, false, items, func(ctx context.Context, jobs benchJobs, n int) error {
				for range n {
					if _, err := jobs.walk(ctx, walkID(items, 0), defaultAheadInBench); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
}

func BenchmarkCCreate(b *testing.B) {
	for _, items := range []int{10, 100, 1_000, 5_000} {
		b.Run(strconv.Itoa(items), func(b *testing.B) {
			benchmark(b, false, items, func(ctx context.Context, jobs benchJobs, n int) error { return jobs.create(ctx, n, items) })
		})
	}
}
