package dwollatest_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestFailedWebhooksAreRetriedByTheDocumentedSchedule(t *testing.T) {
	r, s, at := subscribe(t)
	s.answer(http.StatusInternalServerError)
	r.newCustomer("a@example.com")
	r.WaitWebhooks()
	r.expect("first", s.count(), 1)
	waits := []time.Duration{
		15 * time.Minute, 45 * time.Minute, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour,
	}
	for i, wait := range waits {
		r.Advance(wait - time.Minute)
		r.expect("too early", s.count(), i+1)
		r.Advance(time.Minute)
		r.expect("retry", s.count(), i+2)
	}
	r.Advance(10 * 24 * time.Hour)
	r.expect("after the last one", s.count(), 9)
	r.authenticate()
	hook := r.all(at+"/webhooks", "webhooks")[0]
	r.expect("attempts", len(hook["attempts"].([]any)), 9)
	r.expect("the same event", len(slices.Compact(s.ids)), 1)
}

func TestRetriesHappenByThemselvesInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, s, _ := subscribe(t)
		s.answer(http.StatusInternalServerError)
		r.newCustomer("a@example.com")
		time.Sleep(16 * time.Minute)
		synctest.Wait()
		r.expect("deliveries", s.count(), 2)
		s.answer(http.StatusOK)
		time.Sleep(72 * time.Hour)
		synctest.Wait()
		r.expect("deliveries", s.count(), 3)
	})
}

func TestFault434_TheNameOfTheSignatureIsWrittenAsDwollaWritesIt(t *testing.T) {
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	delivered := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		head, reader := "", bufio.NewReader(conn)
		for !strings.HasSuffix(head, "\r\n\r\n") {
			line, err := reader.ReadString('\n')
			if err != nil {
				break
			}
			head += line
		}
		delivered <- head
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	}()
	r := newRig(t)
	at := r.create("/webhook-subscriptions", jsonObject{"url": "http://" + listener.Addr().String() + "/hooks", "secret": "a secret of sixteen bytes"})
	r.create("/customers", jsonObject{"firstName": "Jane", "lastName": "Doe", "email": "jane@example.com"}) // one event
	if head := <-delivered; !strings.Contains(head, "\r\nX-Request-Signature-SHA-256: ") {
		t.Errorf("got %q", head)
	}
	r.WaitWebhooks()
	list := r.call(http.MethodGet, at+"/webhooks", nil)
	r.wire("the attempt", list, http.StatusOK, `"name":"X-Request-Signature-SHA-256"`)
}
