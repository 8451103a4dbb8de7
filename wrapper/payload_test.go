package dwolla

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// bareTransport is a transport that gives a token, and one answer to everything else.
func bareTransport(answer func(*http.Request) *http.Response) *http.Client {
	return &http.Client{Transport: roundTripFunc(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == tokenPath {
			return inMemoryAnswer(http.StatusOK, `{"access_token":"t","expires_in":3600}`), nil
		}
		return answer(req), nil
	})}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func inMemoryAnswer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Location": {"/mass-payments/" + benchID}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// manyItems is a mass payment whose bytes are large enough to be used again.
func manyItems(name string) CreateMassPayment {
	m := massPayment(name)
	for i := range 1_000 {
		item := m.Items[0]
		item.CorrelationID = fmt.Sprintf("%s-%d", name, i)
		m.Items = append(m.Items, item)
	}
	return m
}

// A transport may answer before it has read the request. What it reads then must still be that request, whatever was
// sent since.
func TestAPayloadIsNotUsedAgainBeforeItsReadersAreClosed(t *testing.T) {
	var slow []io.ReadCloser
	client, err := NewClient(Sandbox, "key", "secret", WithHTTPClient(bareTransport(func(req *http.Request) *http.Response {
		slow = append(slow, req.Body)
		return inMemoryAnswer(http.StatusCreated, "")
	})))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"first", "second", "third"}
	for _, name := range names {
		if _, err := client.MassPayments.Create(t.Context(), manyItems(name)); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range names {
		sent, err := io.ReadAll(slow[i])
		if err != nil || !strings.Contains(string(sent), `"`+name+`-999"`) || !strings.HasSuffix(string(sent), "}") {
			t.Errorf("%s: %d bytes, %v", name, len(sent), err)
		}
	}
	for _, body := range slow {
		for range 2 { // twice is once
			if err := body.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := client.MassPayments.Create(t.Context(), manyItems("another")); err != nil {
			t.Fatal(err)
		}
		if n, err := body.Read(make([]byte, 1)); n > 0 || !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Errorf("a closed body gave %d bytes, %v", n, err)
		}
	}
}

func TestAPayloadIsReleasedByItsLastUser(t *testing.T) {
	p := newRequestBody(make([]byte, minPooledBody))
	a, b := p.reader(), p.reader()
	p.release()
	_ = a.Close()
	if n := p.users.Load(); n != 1 {
		t.Fatalf("%d users, and one reader is open", n)
	}
	_ = b.Close()
	if n := p.users.Load(); n != 0 {
		t.Fatalf("%d users, and none is left", n)
	}
}

// What middleware has seen stays as it was.
func TestMiddlewareMayKeepAnAnswer(t *testing.T) {
	var kept []io.Reader
	n := 0
	client, err := NewClient(Sandbox, "key", "secret", WithHTTPClient(bareTransport(func(*http.Request) *http.Response {
		n++
		return inMemoryAnswer(http.StatusOK, fmt.Sprintf(`{"id":"%d"}`, n))
	})), WithMiddleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		resp, err := next(req)
		if err == nil {
			kept = append(kept, resp.Body)
		}
		return resp, err
	}))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := client.Customers.Get(t.Context(), "c"); err != nil {
			t.Fatal(err)
		}
	}
	for i, body := range kept {
		if data, err := io.ReadAll(body); err != nil || string(data) != fmt.Sprintf(`{"id":"%d"}`, i+1) {
			t.Errorf("%d: %q, %v", i+1, data, err)
		}
	}
}

// Calls that share memory one after the other do not share what they give.
func TestCallsKeepWhatTheyWereAnswered(t *testing.T) {
	client, err := NewClient(Sandbox, "key", "secret", WithHTTPClient(bareTransport(func(req *http.Request) *http.Response {
		id := strings.TrimPrefix(req.URL.Path, "/customers/")
		return inMemoryAnswer(http.StatusOK, fmt.Sprintf(`{"id":%q,"firstName":%[1]q,"unknown":[%[1]q]}`, id))
	})))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			got := map[string]*Customer{}
			for i := range 200 {
				id := fmt.Sprintf("%d-%s", i, strings.Repeat("x", worker))
				var err error
				if got[id], err = client.Customers.Get(t.Context(), id); err != nil {
					t.Error(err)
					return
				}
			}
			for id, c := range got {
				if c.ID != id || c.FirstName != id || string(c.Extra["unknown"]) != `["`+id+`"]` {
					t.Errorf("%s: %+v", id, c)
				}
			}
		})
	}
	group.Wait()
}
