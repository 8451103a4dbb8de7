package webhook_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func TestFault118_RequestsOfAnotherShapeAreToldApart(t *testing.T) {
	body := encode(t, newEvent())
	signature := webhook.Sign(signingSecret, body)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(body)
	_ = z.Close()
	for name, tt := range map[string]struct {
		request func() *http.Request
		want    int
	}{
		"a GET": {func() *http.Request { return httptest.NewRequest(http.MethodGet, "/", nil) }, http.StatusMethodNotAllowed},
		"a PUT": {func() *http.Request { return httptest.NewRequest(http.MethodPut, "/", bytes.NewReader(body)) }, http.StatusMethodNotAllowed},
		"a body that middleware has read": {func() *http.Request {
			r := request(t, body, signature)
			_, _ = io.Copy(io.Discard, r.Body)
			return r
		}, http.StatusInternalServerError},
		"a compressed body": {func() *http.Request {
			r := request(t, packed.Bytes(), webhook.Sign(signingSecret, packed.Bytes()))
			r.Header.Set("Content-Encoding", "gzip")
			return r
		}, http.StatusUnsupportedMediaType},
		"a body in chunks": {func() *http.Request {
			r := request(t, body, signature)
			r.ContentLength = -1
			return r
		}, http.StatusOK},
		"another content type": {func() *http.Request {
			r := request(t, body, signature)
			r.Header.Set("Content-Type", "text/plain")
			return r
		}, http.StatusOK},
		"a signed body that is not JSON": {func() *http.Request {
			return request(t, []byte("hello"), webhook.Sign(signingSecret, []byte("hello")))
		}, http.StatusBadRequest},
		"a signed body without an id": {func() *http.Request {
			return request(t, []byte(`{"topic":"x"}`), webhook.Sign(signingSecret, []byte(`{"topic":"x"}`)))
		}, http.StatusBadRequest},
		"a body that breaks off": {func() *http.Request {
			r := request(t, body, signature)
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:9]), errReader{}))
			return r
		}, http.StatusRequestTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			var c counter
			wantStatus(t, answer(newHandler(t, webhook.OnAny(c.handle)), tt.request()), tt.want)
		})
	}
	w := httptest.NewRecorder()
	newHandler(t, webhook.OnAny(neverCalled(t))).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if got := w.Header().Get("Allow"); got != http.MethodPost {
		t.Errorf("Allow is %q", got)
	}
}

func TestFault119_LargeEndlessAndSlowBodiesAreCutOff(t *testing.T) {
	const limit = 256 << 10
	t.Run("a body of exactly the limit is read", func(t *testing.T) {
		body := encode(t, newEvent())
		body = append(body, bytes.Repeat([]byte(" "), limit-len(body))...)
		var c counter
		wantStatus(t, answer(newHandler(t, webhook.OnAny(c.handle)), request(t, body, webhook.Sign(signingSecret, body))), http.StatusOK)
	})
	t.Run("one byte more is refused unread", func(t *testing.T) {
		r := request(t, make([]byte, limit+1), "")
		r.Body = io.NopCloser(errReader{})
		wantStatus(t, answer(newHandler(t, webhook.OnAny(neverCalled(t))), r), http.StatusRequestEntityTooLarge)
	})
	t.Run("an endless body is read up to the limit", func(t *testing.T) {
		endless := &countingReader{}
		r := request(t, nil, "")
		r.Body, r.ContentLength = io.NopCloser(endless), -1
		wantStatus(t, answer(newHandler(t, webhook.OnAny(neverCalled(t))), r), http.StatusRequestEntityTooLarge)
		if endless.n > 2*limit {
			t.Errorf("read %d bytes", endless.n)
		}
	})
	t.Run("a smaller limit holds", func(t *testing.T) {
		body := encode(t, newEvent())
		h := newHandler(t, webhook.OnAny(neverCalled(t)), webhook.WithMaxBody(int64(len(body)-1)))
		wantStatus(t, answer(h, request(t, body, webhook.Sign(signingSecret, body))), http.StatusRequestEntityTooLarge)
	})
	t.Run("a slow body has ten seconds", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			client, server := net.Pipe()
			srv := &http.Server{Handler: newHandler(t, webhook.OnAny(neverCalled(t)))} // no timeouts but the handler's
			go func() { _ = srv.Serve(&pipeListener{conn: server, closed: make(chan struct{})}) }()
			start := time.Now()
			go func() {
				_, _ = io.WriteString(client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n")
				for {
					if _, err := client.Write([]byte("a")); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			}()
			head := make([]byte, len("HTTP/1.1 408"))
			if _, err := io.ReadFull(client, head); err != nil || string(head) != "HTTP/1.1 408" {
				t.Errorf("answered %q, %v", head, err)
			}
			if took := time.Since(start); took != 10*time.Second {
				t.Errorf("after %v", took)
			}
			_ = client.Close()
			_ = srv.Close()
			time.Sleep(time.Second) // until the sender's goroutine has ended
		})
	})
}

// A deadlineWriter records the read deadlines that are set.
type deadlineWriter struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (w *deadlineWriter) SetReadDeadline(deadline time.Time) error {
	w.deadlines = append(w.deadlines, deadline)
	return nil
}

func TestTheReadDeadlineIsClearedOnceTheBodyIsRead(t *testing.T) {
	body := encode(t, newEvent())
	w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder()}
	newHandler(t, webhook.OnAny(func(context.Context, *webhook.Event) error {
		if len(w.deadlines) != 2 || w.deadlines[0].IsZero() || !w.deadlines[1].IsZero() {
			t.Errorf("deadlines are %v", w.deadlines)
		}
		return nil
	})).ServeHTTP(w, request(t, body, webhook.Sign(signingSecret, body)))
	wantStatus(t, w.Code, http.StatusOK)
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, fmt.Errorf("read: %w", errBoom) }

type countingReader struct{ n int }

func (r *countingReader) Read(p []byte) (int, error) {
	r.n += len(p)
	return len(p), nil
}

// A pipeListener accepts one connection.
type pipeListener struct {
	conn   net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	if conn := l.conn; conn != nil {
		l.conn = nil
		return conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func TestTheReadTimeoutOfTheServerIsNeverMadeLonger(t *testing.T) {
	server := httptest.NewUnstartedServer(newHandler(t, webhook.OnAny((&counter{}).handle)))
	server.Config.ReadTimeout = 200 * time.Millisecond
	server.Start()
	defer server.Close()
	body, slow := io.Pipe()
	defer slow.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	answer, err := server.Client().Do(request)
	if err == nil {
		_ = answer.Body.Close()
		wantStatus(t, answer.StatusCode, http.StatusRequestTimeout)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("a body that does not come was waited for for %v", took)
	}
}
