package dwollatest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestAHandlerTransportCallsTheHandler(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/drop" {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte(r.Host + r.RequestURI))
	})
	client := &http.Client{Transport: dwollatest.HandlerTransport(handler)}
	resp, err := client.Get("https://pay.example.com/hooks?a=b")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var body strings.Builder
	if err := resp.Write(&body); err != nil || !strings.HasSuffix(body.String(), "pay.example.com/hooks?a=b") {
		t.Errorf("got %q, %v", body.String(), err)
	}
	if dropped, err := client.Get("https://pay.example.com/drop"); err == nil {
		_ = dropped.Body.Close()
		t.Error("a dropped connection has a response")
	}
}

func TestAStartedServerIsReachedOverLoopback(t *testing.T) {
	server := dwollatest.New(t)
	before := server.URL()
	at := server.Start()
	if before == at || server.URL() != at || server.Start() != at || !strings.HasPrefix(server.Account().Href, at) {
		t.Errorf("the URLs are %s, %s, %s and %s", before, at, server.URL(), server.Account().Href)
	}
	if _, err := server.Dwolla().Root.Get(t.Context()); err != nil {
		t.Error(err)
	}
}
