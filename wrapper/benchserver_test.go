package dwolla

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const (
	benchID          = "628138c5-bb1d-5ecd-9e65-92cd540addee"
	benchSource      = "https://api-sandbox.dwolla.com/funding-sources/c47a76cd-2948-5546-8cbe-8e44c58e0de6"
	benchDestination = "https://api-sandbox.dwolla.com/funding-sources/0d5c1f64-9a3e-4b7d-8a21-6f2e0c9b7d10"

	benchServerEnv = "DWOLLA_BENCH_SERVER"
)

// walkID is a mass payment of that many items whose pages take some milliseconds.
func walkID(items, milliseconds int) string { return fmt.Sprintf("walk-%d-%d", items, milliseconds) }

// A benchServer is this test binary, run again as a server of bytes that are made beforehand.
type benchServer struct {
	url    string
	secure bool
}

func startBenchServer(tb testing.TB, secure bool) *benchServer {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), os.Args[0], "-test.run=^TestBenchServer$", "-test.v=false")
	cmd.Env = append(os.Environ(), benchServerEnv+"="+strconv.FormatBool(secure))
	stdin, err := cmd.StdinPipe() // it ends when this is closed
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatal(err)
	}
	return &benchServer{url: strings.TrimSpace(line), secure: secure}
}

// trust is the TLS configuration of both clients: the server's certificate is made anew each time.
func (s *benchServer) trust() *tls.Config {
	if !s.secure {
		return nil
	}
	return &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}}
}

// connections is how many the server has seen since the last time.
func (s *benchServer) connections(tb testing.TB) int {
	tb.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: s.trust(), DisableKeepAlives: true}}
	resp, err := client.Get(s.url + "/connections")
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	n, err := strconv.Atoi(string(text))
	if err != nil {
		tb.Fatal(err)
	}
	return n - 1 // its own
}

// TestBenchServer is the server, when it is run as one.
func TestBenchServer(t *testing.T) {
	secure, err := strconv.ParseBool(os.Getenv(benchServerEnv))
	if err != nil {
		t.Skip("not run as the server of the benchmarks")
	}
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(benchHandler(&connections))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	if secure {
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}}
		server.StartTLS()
	} else {
		server.Start()
	}
	fmt.Println(server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin)
	server.CloseClientConnections()
	server.Close()
}

func benchHandler(connections *atomic.Int64) http.Handler {
	const base = "https://api-sandbox.dwolla.com"
	payment := fmt.Appendf(nil, `{"_links":{"self":{"href":"%[1]s/mass-payments/%[2]s","type":"application/vnd.dwolla.v1.hal+json","resource-type":"mass-payment"},"source":{"href":"%[3]s","type":"application/vnd.dwolla.v1.hal+json","resource-type":"funding-source"},"items":{"href":"%[1]s/mass-payments/%[2]s/items","type":"application/vnd.dwolla.v1.hal+json","resource-type":"mass-payment-item"}},"id":"%[2]s","status":"complete","created":"2026-01-15T20:36:59.657Z","metadata":{"batch":"batch-17","run":"2026-01"},"total":{"value":"12500.00","currency":"USD"},"totalFees":{"value":"0.00","currency":"USD"},"correlationId":"payroll-2026-01"}`, base, benchID, benchSource)
	var items strings.Builder
	for i := range 200 {
		if i > 0 {
			items.WriteByte(',')
		}
		id := fmt.Sprintf("2f845bc9-41ed-e511-80df-%012d", i)
		fmt.Fprintf(&items, `{"_links":{"self":{"href":"%[1]s/mass-payment-items/%[2]s","type":"application/vnd.dwolla.v1.hal+json","resource-type":"mass-payment-item"},"mass-payment":{"href":"%[1]s/mass-payments/%[3]s","type":"application/vnd.dwolla.v1.hal+json","resource-type":"mass-payment"},"destination":{"href":"%[4]s","type":"application/vnd.dwolla.v1.hal+json","resource-type":"funding-source"},"transfer":{"href":"%[1]s/transfers/%[2]s","type":"application/vnd.dwolla.v1.hal+json","resource-type":"transfer"}},"id":"%[2]s","status":"success","amount":{"value":"%[5]d.%02[6]d","currency":"USD"},"metadata":{"invoice":"inv-%[5]d","run":"2026-01","team":"field"},"correlationId":"item-%[5]d"}`,
			base, id, benchID, benchDestination, 10+i, i%100)
	}
	page := items.String()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"access_token":"token","token_type":"bearer","expires_in":3600}`)
	})
	mux.HandleFunc("GET /connections", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strconv.FormatInt(connections.Swap(0), 10))
	})
	mux.HandleFunc("GET /mass-payments/"+benchID, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(payment) })
	mux.HandleFunc("POST /mass-payments", func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		w.Header().Set("Location", base+"/mass-payments/"+benchID)
		w.WriteHeader(http.StatusCreated)
	})
	mux.HandleFunc("GET /mass-payments/{id}/items", func(w http.ResponseWriter, req *http.Request) {
		var total, milliseconds int
		if _, err := fmt.Sscanf(req.PathValue("id"), "walk-%d-%d", &total, &milliseconds); err != nil {
			http.NotFound(w, req)
			return
		}
		time.Sleep(time.Duration(milliseconds) * time.Millisecond)
		offset, _ := strconv.Atoi(req.URL.Query().Get("offset"))
		self := "http://" + req.Host + req.URL.Path
		if req.TLS != nil {
			self = "https://" + req.Host + req.URL.Path
		}
		next := ""
		if offset+200 < total {
			next = fmt.Sprintf(`"next":{"href":"%s?limit=200&offset=%d"},`, self, offset+200)
		}
		head := fmt.Sprintf(`{"_links":{%s"self":{"href":"%s?limit=200&offset=%d"}},"_embedded":{"items":[`, next, self, offset)
		tail := fmt.Sprintf(`]},"total":%d}`, total)
		w.Header().Set("Content-Length", strconv.Itoa(len(head)+len(page)+len(tail)))
		_, _ = io.WriteString(w, head)
		_, _ = io.WriteString(w, page)
		_, _ = io.WriteString(w, tail)
	})
	return mux
}
