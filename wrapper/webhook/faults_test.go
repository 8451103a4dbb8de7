package webhook_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func TestFault111_GoodSignaturesAreAccepted(t *testing.T) {
	body := encode(t, newEvent())
	good := webhook.Sign(signingSecret, body)
	for name, signature := range map[string]string{
		"in lower case":              good,
		"in upper case":              strings.ToUpper(good),
		"in mixed case":              strings.ToUpper(good[:32]) + good[32:],
		"with a space before it":     " " + good,
		"with spaces and tabs after": good + " \t ",
	} {
		t.Run(name, func(t *testing.T) {
			var c counter
			wantStatus(t, answer(newHandler(t, webhook.OnAny(c.handle)), request(t, body, signature)), http.StatusOK)
		})
	}
}

func TestFault112_BadSignaturesAreRefusedWithOneError(t *testing.T) {
	body := encode(t, newEvent())
	good := webhook.Sign(signingSecret, body)
	verifier := mustVerifier(t, signingSecret)
	for name, signature := range map[string]string{
		"another secret":                webhook.Sign("another", body),
		"another body":                  webhook.Sign(signingSecret, append(bytes.Clone(body), ' ')),
		"one digit short":               good[:63],
		"an odd number of digits":       good + "0",
		"a byte more":                   good + "00",
		"half of it":                    good[:32],
		"a letter that is no hex digit": "g" + good[1:],
		"letters that are not ASCII":    strings.Repeat("а", 32),
		"base64":                        base64.StdEncoding.EncodeToString([]byte(good[:32])),
		"the prefix of other vendors":   "sha256=" + good,
		"empty":                         "",
		"only spaces":                   "   ",
		"zeros":                         strings.Repeat("0", 64),
		"a null byte":                   good[:63] + "\x00",
		"a line end":                    good + "\n",
		"a space within":                good[:32] + " " + good[33:],
		"quoted":                        `"` + good + `"`,
	} {
		t.Run(name, func(t *testing.T) {
			err := verifier.Verify(http.Header{http.CanonicalHeaderKey(webhook.SignatureHeader): {signature}}, body)
			if err != webhook.ErrSignature { //nolint:errorlint // the very same value, so that no text can differ
				t.Errorf("error is %v", err)
			}
			wantStatus(t, answer(newHandler(t, webhook.OnAny(neverCalled(t))), request(t, body, signature)), http.StatusUnauthorized)
		})
	}
}

func TestFault113_HeadersWithoutExactlyOneSignatureAreRefused(t *testing.T) {
	body := encode(t, newEvent())
	good := webhook.Sign(signingSecret, body)
	for name, tt := range map[string]struct {
		header http.Header
		want   error
	}{
		"no header":                         {http.Header{}, webhook.ErrSignature},
		"nil headers":                       {nil, webhook.ErrSignature},
		"a name without values":             {http.Header{"X-Request-Signature-Sha-256": {}}, webhook.ErrSignature},
		"two headers":                       {http.Header{"X-Request-Signature-Sha-256": {good, good}}, webhook.ErrSignature},
		"a bad one before a good one":       {http.Header{"X-Request-Signature-Sha-256": {strings.Repeat("0", 64), good}}, webhook.ErrSignature},
		"a list with a comma":               {http.Header{"X-Request-Signature-Sha-256": {good + "," + good}}, webhook.ErrSignature},
		"two spellings of the name":         {http.Header{"X-Request-Signature-Sha-256": {good}, "x-request-signature-sha-256": {good}}, webhook.ErrSignature},
		"another name of the same length":   {http.Header{"X-Request-Signature-Sha-257": {good}}, webhook.ErrSignature},
		"a name that only folds to it":      {http.Header{"X-Requeſt-Signature-Sha-256": {good}}, webhook.ErrSignature},
		"beside a name of the same length":  {http.Header{"X-Request-Signature-Sha-256": {good}, "X-Request-Signature-Sha-257": {"0"}}, nil},
		"the SHA-1 header of old":           {http.Header{"X-Request-Signature": {good}}, webhook.ErrSignature},
		"the name as net/http writes it":    {http.Header{"X-Request-Signature-Sha-256": {good}}, nil},
		"the name as Dwolla writes it":      {http.Header{"X-Request-Signature-SHA-256": {good}}, nil},
		"the name as a gateway may pass it": {http.Header{"x-request-signature-sha-256": {good}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if err := mustVerifier(t, signingSecret).Verify(tt.header, body); err != tt.want { //nolint:errorlint // see above
				t.Errorf("error is %v, want %v", err, tt.want)
			}
		})
	}
}

func TestFault114_SecretsThatProtectNothingAreRefusedAtConstruction(t *testing.T) {
	for name, secrets := range map[string][]string{
		"none":                     {},
		"an empty one":             {""},
		"spaces":                   {"  "},
		"a line end":               {"\n"},
		"an empty one among good":  {signingSecret, ""},
		"a line end after it":      {signingSecret + "\n"},
		"longer than Dwolla takes": {strings.Repeat("s", 129)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := webhook.NewVerifier(secrets...)
			if !errors.Is(err, dwolla.ErrConfiguration) {
				t.Fatalf("error is %v", err)
			}
			if strings.Contains(err.Error(), signingSecret) {
				t.Errorf("the error holds the secret: %v", err)
			}
			if len(secrets) == 1 {
				if _, err := webhook.NewHandler(secrets[0], webhook.OnAny(neverCalled(t))); !errors.Is(err, dwolla.ErrConfiguration) {
					t.Errorf("NewHandler: %v", err)
				}
				if _, err := webhook.NewHandler(signingSecret, webhook.WithPreviousSecrets(secrets...)); !errors.Is(err, dwolla.ErrConfiguration) {
					t.Errorf("WithPreviousSecrets: %v", err)
				}
			}
		})
	}
	var none *webhook.Verifier
	body := []byte("{}")
	for _, v := range []*webhook.Verifier{none, {}} {
		if err := v.Verify(http.Header{"X-Request-Signature-Sha-256": {webhook.Sign("", body)}}, body); !errors.Is(err, webhook.ErrSignature) {
			t.Errorf("a verifier without secrets: %v", err)
		}
	}
}

func TestFault115_AnEmptyBodyIsRefusedWhateverItsSignature(t *testing.T) {
	for name, signature := range map[string]string{
		"of nothing, well signed": webhook.Sign(signingSecret, nil),
		"of something else":       webhook.Sign(signingSecret, []byte("{}")),
		"empty":                   "",
	} {
		t.Run(name, func(t *testing.T) {
			wantStatus(t, answer(newHandler(t, webhook.OnAny(neverCalled(t))), request(t, nil, signature)), http.StatusUnauthorized)
		})
	}
}

func TestFault116_EverySingleBitCounts(t *testing.T) {
	if n := flipEveryBit(t, mustVerifier(t, signingSecret), signingSecret, encode(t, newEvent())); n < 3000 {
		t.Errorf("only %d mutants", n)
	}
}

func TestFault117_ABodyThatWasEncodedAgainIsRefused(t *testing.T) {
	body := []byte(`{"id": "a", "topic": "transfer_created", "resourceId": "é"}`)
	signature := webhook.Sign(signingSecret, body)
	for name, other := range map[string]string{
		"without spaces":       `{"id":"a","topic":"transfer_created","resourceId":"é"}`,
		"in another order":     `{"topic": "transfer_created", "id": "a", "resourceId": "é"}`,
		"with an escape":       `{"id": "a", "topic": "transfer_created", "resourceId": "\u00e9"}`,
		"with a line end":      `{"id": "a", "topic": "transfer_created", "resourceId": "é"}` + "\r\n",
		"with a mark of order": "\ufeff" + `{"id": "a", "topic": "transfer_created", "resourceId": "é"}`,
	} {
		t.Run(name, func(t *testing.T) {
			h := newHandler(t, webhook.OnAny(neverCalled(t)))
			wantStatus(t, answer(h, request(t, []byte(other), signature)), http.StatusUnauthorized)
		})
	}
	t.Run("but not as it came", func(t *testing.T) {
		var c counter
		wantStatus(t, answer(newHandler(t, webhook.OnAny(c.handle)), request(t, body, signature)), http.StatusOK)
	})
}

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
			srv := &http.Server{Handler: newHandler(t, webhook.OnAny(neverCalled(t)))} // no limits but the handler's
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
			time.Sleep(time.Second) // the sender sees the end
		})
	})
}

func TestFault120_DuplicatesRunOnceAndAreAllAcknowledged(t *testing.T) {
	t.Run("one after the other", func(t *testing.T) {
		var c counter
		h := newHandler(t, webhook.OnAny(c.handle))
		event := newEvent()
		for range 5 {
			wantStatus(t, deliver(t, h, event), http.StatusOK)
		}
		wantRuns(t, &c, event, 1)
	})
	for name, opts := range map[string][]webhook.Option{
		"ten at a time":                    nil,
		"ten at a time, in the background": {webhook.WithBackground(webhook.Background{})},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := counter{work: 3 * time.Second}
				h := newHandler(t, append(opts, webhook.OnAny(c.handle))...)
				event := newEvent()
				var all sync.WaitGroup
				for range 10 {
					all.Go(func() { wantStatus(t, deliver(t, h, event), http.StatusOK) })
				}
				all.Wait()
				if err := h.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				wantRuns(t, &c, event, 1)
			})
		})
	}
	t.Run("of one that takes longer than Dwolla waits, the duplicate is not acknowledged", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := counter{work: 30 * time.Second}
			h := newHandler(t, webhook.OnAny(c.handle))
			event := newEvent()
			var first sync.WaitGroup
			first.Go(func() { wantStatus(t, deliver(t, h, event), http.StatusOK) })
			synctest.Wait()
			start := time.Now()
			wantStatus(t, deliver(t, h, event), http.StatusServiceUnavailable)
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("answered after %v", took)
			}
			first.Wait()
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			wantRuns(t, &c, event, 1)
		})
	})
}

func TestFault121_TwoEventsOfOneResourceAreBothProcessed(t *testing.T) {
	var c counter
	h := newHandler(t, webhook.OnAny(c.handle))
	sender, receiver := newEvent(), newEvent()
	for _, event := range []*webhook.Event{sender, receiver} {
		wantStatus(t, deliver(t, h, event), http.StatusOK)
	}
	wantRuns(t, &c, sender, 1)
	wantRuns(t, &c, receiver, 1)
}

func TestFault122_AnEventWhoseHandlerDiedIsProcessedAgain(t *testing.T) {
	for name, die := range map[string]func(){
		"it panics":                 func() { panic("boom") },
		"it panics with nil":        func() { panic(nil) }, //nolint:govet // on purpose
		"it aborts the HTTP answer": func() { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			var c counter
			dies := true
			h := newHandler(t, webhook.OnAny(func(ctx context.Context, event *webhook.Event) error {
				if dies {
					die()
				}
				return c.handle(ctx, event)
			}))
			event := newEvent()
			wantStatus(t, deliver(t, h, event), http.StatusInternalServerError)
			dies = false
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			wantRuns(t, &c, event, 1)
		})
	}
	t.Run("it fails", func(t *testing.T) {
		c := counter{fail: errBoom}
		h := newHandler(t, webhook.OnAny(c.handle))
		event := newEvent()
		wantStatus(t, deliver(t, h, event), http.StatusInternalServerError)
		c.setFail(nil)
		wantStatus(t, deliver(t, h, event), http.StatusOK)
		wantRuns(t, &c, event, 1)
	})
	t.Run("it ends its goroutine", func(t *testing.T) {
		var c counter
		store := &webhook.MemoryStore{}
		event := newEvent()
		done := make(chan struct{})
		go func() {
			defer close(done)
			h := newHandler(t, webhook.WithStore(store), webhook.OnAny(func(context.Context, *webhook.Event) error {
				runtime.Goexit()
				return nil
			}))
			deliver(t, h, event)
		}()
		<-done
		wantStatus(t, deliver(t, newHandler(t, webhook.WithStore(store), webhook.OnAny(c.handle)), event), http.StatusOK)
		wantRuns(t, &c, event, 1)
	})
	t.Run("its process is gone, and the claim lapses", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var c counter
			store := &webhook.MemoryStore{}
			event := newEvent()
			if _, status, err := store.Claim(t.Context(), event.ID, time.Minute); err != nil || status != webhook.Claimed {
				t.Fatal(status, err)
			}
			h := newHandler(t, webhook.WithStore(store), webhook.OnAny(c.handle))
			wantStatus(t, deliver(t, h, event), http.StatusServiceUnavailable)
			time.Sleep(15 * time.Minute) // Dwolla's first repetition
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			wantRuns(t, &c, event, 1)
		})
	})
}

func TestFault123_AnOldDeliveryThatIsSentAgainRunsNothing(t *testing.T) {
	t.Run("within the memory of the store, which is longer than the 30 days of Dwolla", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var c counter
			h := newHandler(t, webhook.OnAny(c.handle))
			event := newEvent()
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			for range 10 {
				time.Sleep(73 * time.Hour)
				wantStatus(t, deliver(t, h, event), http.StatusOK)
			}
			wantRuns(t, &c, event, 1)
		})
	})
	t.Run("beyond an age, where one is set", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var c counter
			h := newHandler(t, webhook.OnAny(c.handle), webhook.WithMaxAge(96*time.Hour), webhook.WithStore(forgetful()))
			event := newEvent()
			time.Sleep(96 * time.Hour)
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			time.Sleep(time.Second)
			wantStatus(t, deliver(t, h, event), http.StatusBadRequest)

			onlyTimestamp := newEvent()
			onlyTimestamp.Created = ""
			wantStatus(t, deliver(t, h, onlyTimestamp), http.StatusOK)
			timeless := newEvent()
			timeless.Created, timeless.Timestamp = "", ""
			wantStatus(t, deliver(t, h, timeless), http.StatusBadRequest)
		})
	})
}

func TestFault124_UnknownTopicsUnknownFieldsAndAnyOrderAreDelivered(t *testing.T) {
	var got []*webhook.Event
	h := newHandler(t, webhook.OnAny(func(_ context.Context, event *webhook.Event) error {
		got = append(got, event)
		return nil
	}))
	for _, body := range []string{
		`{"id":"1","topic":"transfer_completed","created":"2026-03-01T09:30:02.000Z"}`,
		`{"id":"2","topic":"transfer_created","created":"2026-03-01T09:30:01.000Z"}`,
		`{"id":"3","topic":"customer_teleported","resourceId":"r","planet":{"name":"Mars"},"_links":{"teleporter":{"href":"https://api.dwolla.com/teleporters/1"}}}`,
		`{"id":"4"}`,
	} {
		wantStatus(t, answer(h, request(t, []byte(body), webhook.Sign(signingSecret, []byte(body)))), http.StatusOK)
	}
	if len(got) != 4 {
		t.Fatalf("%d events delivered", len(got))
	}
	third := got[2]
	if third.Topic != "customer_teleported" || string(third.Extra["planet"]) != `{"name":"Mars"}` || third.Links.Extra["teleporter"] == nil {
		t.Errorf("the unknown event lost something: %+v", third)
	}
}

func TestFault125_LinksToOtherHostsAreReadableAndNeverFetched(t *testing.T) {
	for name, href := range map[string]string{
		"another host":           "https://evil.test/transfers/1",
		"a longer host":          "https://api-sandbox.dwolla.com.evil.test/transfers/1",
		"a user in front":        "https://api-sandbox.dwolla.com@evil.test/transfers/1",
		"the other environment":  "https://api.dwolla.com/transfers/1",
		"another port":           "https://api-sandbox.dwolla.com:8443/transfers/1",
		"a host without scheme":  "//evil.test/transfers/1",
		"an address of a cloud":  "http://169.254.169.254/transfers/1",
		"the loopback interface": "http://localhost/transfers/1",
	} {
		t.Run(name, func(t *testing.T) {
			fake := newFake(t)
			event := newEvent()
			event.Links.Resource = api.LinkTo[dwolla.Object](href)
			var got *webhook.Event
			var err error
			h := newHandler(t, webhook.OnAny(func(ctx context.Context, event *webhook.Event) error {
				got = event
				_, err = webhook.Resource[dwolla.Transfer](ctx, fake.client, event)
				return nil
			}))
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			if !errors.Is(err, dwolla.ErrForeignLink) {
				t.Errorf("error is %v", err)
			}
			if got.Links.Resource.Href != href {
				t.Errorf("the link is not readable: %q", got.Links.Resource.Href)
			}
			if n := fake.requests(); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func TestFault126_SecretsRotateAndSlowHandlersAreAcknowledgedFirst(t *testing.T) {
	t.Run("two secrets hold, in any order", func(t *testing.T) {
		body := encode(t, newEvent())
		for _, secrets := range [][]string{{"old", "new"}, {"new", "old"}} {
			var c counter
			h, err := webhook.NewHandler(secrets[0], webhook.WithPreviousSecrets(secrets[1]), webhook.OnAny(c.handle))
			if err != nil {
				t.Fatal(err)
			}
			for secret, want := range map[string]int{"old": http.StatusOK, "new": http.StatusOK, "older": http.StatusUnauthorized} {
				wantStatus(t, answer(h, request(t, body, webhook.Sign(secret, body))), want)
			}
		}
	})
	t.Run("a handler of a minute is acknowledged at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := counter{work: time.Minute}
			h := newHandler(t, webhook.OnAny(c.handle), webhook.WithBackground(webhook.Background{}))
			event := newEvent()
			start := time.Now()
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			if took := time.Since(start); took != 0 {
				t.Errorf("acknowledged after %v", took)
			}
			wantRuns(t, &c, event, 0)
			if err := h.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			wantRuns(t, &c, event, 1)
		})
	})
}

func TestFault127_NothingIsAcknowledgedWhileTheStoreIsDown(t *testing.T) {
	for name, opts := range map[string][]webhook.Option{
		"before the acknowledgement": nil,
		"in the background":          {webhook.WithBackground(webhook.Background{})},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var c counter
				var log bytes.Buffer
				store := &faultyStore{Store: &webhook.MemoryStore{}, claim: errBoom}
				h := newHandler(t, append(opts, webhook.WithStore(store), webhook.OnAny(c.handle),
					webhook.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))...)
				event := newEvent()
				wantStatus(t, deliver(t, h, event), http.StatusServiceUnavailable)
				wantRuns(t, &c, event, 0)
				if !strings.Contains(log.String(), event.ID) {
					t.Errorf("the log does not name the event: %s", log.String())
				}
				store.set(func(s *faultyStore) { s.claim = nil })
				wantStatus(t, deliver(t, h, event), http.StatusOK)
				if err := h.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				wantRuns(t, &c, event, 1)
			})
		})
	}
	t.Run("nor where it fails after the work", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var c counter
			store := &faultyStore{Store: &webhook.MemoryStore{}, complete: errBoom}
			h := newHandler(t, webhook.WithStore(store), webhook.OnAny(c.handle))
			wantStatus(t, deliver(t, h, newEvent()), http.StatusServiceUnavailable)
		})
	})
}

func mustVerifier(t *testing.T, secrets ...string) *webhook.Verifier {
	t.Helper()
	v, err := webhook.NewVerifier(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func neverCalled(t *testing.T) webhook.HandlerFunc {
	t.Helper()
	return func(_ context.Context, event *webhook.Event) error {
		t.Errorf("the handler was called with %s", event.ID)
		return nil
	}
}

// forgetful is a store that remembers nothing.
func forgetful() webhook.Store { return &webhook.MemoryStore{Retention: time.Nanosecond} }

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
