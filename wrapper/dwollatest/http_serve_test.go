package dwollatest_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// exchange sends the bytes of a request to a server on loopback and returns those of the answer.
func exchange(t *testing.T, base, request string) string {
	t.Helper()
	at, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func (r *rig) rawRequest(line string, headers ...string) string {
	all := append([]string{
		line + " HTTP/1.1", "Host: localhost", "Connection: close", "Accept: " + halJSON, "Authorization: Bearer " + r.token,
	}, headers...)
	return strings.Join(all, "\r\n") + "\r\n\r\n"
}

func TestFault423_ABodyOverTheLimitIsA413InDwollasForm(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	const size = 64<<20 + 1
	body := func() io.Reader { return io.LimitReader(zeros{}, size) }
	for _, length := range []int64{-1, size} {
		request := r.request(http.MethodPost, "/customers", body())
		request.ContentLength = length
		request.Header.Set("Content-Type", "application/json")
		got := r.send(request)
		r.wire(fmt.Sprint("length ", length), got, http.StatusRequestEntityTooLarge, `{"code":"PayloadTooLarge","message":`)
		r.expect("type", got.header.Get("Content-Type"), halJSON)
		if got.header.Get("X-Request-Id") == "" {
			t.Error("the answer has no X-Request-Id")
		}
	}
	r.expect("requests with a body", len(bodies(r.Requests())), 1) // that for the token

	token := r.request(http.MethodPost, "/token", io.LimitReader(zeros{}, 1<<20))
	token.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.wire("a token", r.send(token), http.StatusRequestEntityTooLarge, `"code":"PayloadTooLarge"`)
}

// zeros reads as the digit zero for ever.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// bodies are those that are not empty.
func bodies(all []dwollatest.Request) (out [][]byte) {
	for _, r := range all {
		if len(r.Body) > 0 {
			out = append(out, r.Body)
		}
	}
	return out
}

func TestFault424_AHeadIsAnsweredAsAGetWithoutItsBody(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	base := r.Start()
	get, head := exchange(t, base, r.rawRequest("GET /customers")), exchange(t, base, r.rawRequest("HEAD /customers"))
	header, body, _ := strings.Cut(get, "\r\n\r\n")
	if !strings.HasPrefix(header, "HTTP/1.1 200 OK\r\n") || body == "" {
		t.Fatalf("GET: %q", get)
	}
	for line := range strings.SplitSeq(header, "\r\n") {
		if name, _, _ := strings.Cut(line, ":"); name != "Date" && name != "X-Request-Id" && !strings.Contains(head, line+"\r\n") {
			t.Errorf("%q is not in the answer to HEAD %q", line, head)
		}
	}
	if !strings.HasSuffix(head, "\r\n\r\n") {
		t.Errorf("HEAD has a body: %q", head)
	}
	missing := exchange(t, base, r.rawRequest("HEAD /customers/none"))
	if !strings.HasPrefix(missing, "HTTP/1.1 404 ") || !strings.HasSuffix(missing, "\r\n\r\n") {
		t.Errorf("HEAD of nothing: %q", missing)
	}
	put := exchange(t, base, r.rawRequest("PUT /customers", "Content-Length: 0"))
	if !strings.HasPrefix(put, "HTTP/1.1 405 ") || !strings.Contains(put, "Allow: GET, POST, HEAD\r\n") {
		t.Errorf("PUT: %q", put)
	}
	if posted := exchange(t, base, r.rawRequest("HEAD /transfers")); !strings.HasPrefix(posted, "HTTP/1.1 405 ") {
		t.Errorf("HEAD of what can only be posted to: %q", posted)
	}
	r.expect("in process", r.call(http.MethodHead, "/", nil).status, http.StatusOK)
}

func TestFault425_NothingIsKeptOfARequestThatIsNotAuthenticated(t *testing.T) {
	var observed int
	r := newRig(t, dwollatest.WithObserver(func(dwollatest.Request) { observed++ }))
	for _, path := range []string{"/customers", "/nothing", "/customers/1/documents"} {
		read := &countingReader{Reader: io.LimitReader(zeros{}, 1<<20)}
		request := r.request(http.MethodPost, path, read)
		request.Header.Set("Authorization", "Bearer nobody")
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", "k")
		r.wire(path, r.send(request), http.StatusUnauthorized, `{"code":"InvalidAccessToken"`)
		r.expect("bytes read", read.count, 0)
	}
	request := r.request(http.MethodPost, "/token", strings.NewReader("grant_type=client_credentials"))
	request.SetBasicAuth(r.Key(), "wrong")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.wire("a wrong secret", r.send(request), http.StatusUnauthorized, `{"error":"invalid_client"}`)

	r.expect("requests", len(r.Requests()), 1) // that for the token
	r.expect("problems", len(r.Problems()), 0)
	r.expect("observed", observed, 5)
	r.token = ""
	r.authenticate()
	r.create("/customers", jsonObject{"firstName": "Jane", "lastName": "Doe", "email": "jane@example.com"})
}

type countingReader struct {
	io.Reader
	count int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.count += n
	return n, err
}

func TestFault426_TheHistoryOfRequestsIsBoundedByBytes(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	const size = 4 << 20
	for range 20 {
		request := r.request(http.MethodPost, "/customers", io.LimitReader(zeros{}, size))
		request.Header.Set("Content-Type", "application/json")
		r.wire("a number", r.send(request), http.StatusBadRequest, `"code":`)
	}
	all := r.Requests()
	r.expect("requests", len(all), 21)
	total := 0
	for _, body := range bodies(all) {
		total += len(body)
	}
	if total > 64<<20 || total < 56<<20 {
		t.Errorf("%d bytes are kept", total)
	}
	r.expect("the latest", len(all[20].Body), size)
	if len(all[1].Body) != 0 || all[1].Operation != "createCustomer" || all[1].Status != http.StatusBadRequest {
		t.Errorf("the oldest is %s, %d, with %d bytes", all[1].Operation, all[1].Status, len(all[1].Body))
	}
}

// heap is what is in use.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

func TestFault427_KeysTokensAndProblemsDoNotPileUp(t *testing.T) {
	t.Run("keys", func(t *testing.T) {
		r := newRig(t, dwollatest.WithHistory(1), dwollatest.WithInvalidRequests())
		use := func(n int) {
			for i := range n {
				key := fmt.Sprintf("%0250d", i)
				r.wire(key, r.post("/sandbox-simulations", jsonObject{}, "Idempotency-Key", key), http.StatusOK, `"total":0`)
			}
		}
		use(1)
		before := heap()
		use(2_000)
		grown := heap() - before
		r.Advance(25 * time.Hour)
		r.authenticate()
		use(1)
		if left := heap() - before; left > grown/2 {
			t.Errorf("2,000 keys take %d bytes, and %d a day later", grown, left)
		}
	})
	t.Run("tokens", func(t *testing.T) {
		r := newRig(t, dwollatest.WithHistory(1))
		first := r.token
		before := heap()
		for range 10_000 {
			r.authenticate()
		}
		r.expect("a recent one", r.call(http.MethodGet, "/", nil).status, http.StatusOK)
		r.token = first
		r.wire("the first", r.call(http.MethodGet, "/", nil), http.StatusUnauthorized, `"code":"InvalidAccessToken"`)
		if grown := heap() - before; grown > 8<<20 {
			t.Errorf("10,000 tokens take %d bytes", grown)
		}
	})
	t.Run("problems", func(t *testing.T) {
		server, err := dwollatest.NewServer(dwollatest.WithHistory(1))
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		r := &rig{Server: server, t: t, http: server.Client(), base: server.URL()}
		r.authenticate()
		for i := range 1_010 {
			r.call(http.MethodGet, fmt.Sprint("/nothing/", i), nil)
		}
		all := server.Problems()
		r.expect("kept", len(all), 1_000)
		if last := all[len(all)-1].Error(); !strings.Contains(last, "/nothing/1009") {
			t.Errorf("the latest is %q", last)
		}
	})
}
