package contract_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

func TestCheckRequestPutsTheBodyBack(t *testing.T) {
	t.Parallel()
	req := request(t, "POST /transfers", halJSON, transfer)
	closed := false
	req.Body = closer{req.Body, func() { closed = true }}
	req.GetBody = nil
	if err := newValidator(t).CheckRequest(req); err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(req.Body); err != nil || string(body) != transfer {
		t.Errorf("the body is %q, %v", body, err)
	}
	if req.GetBody != nil || req.ContentLength != int64(len(transfer)) {
		t.Error("GetBody or ContentLength has changed: net/http must not learn to replay a payment")
	}
	if _ = req.Body.Close(); !closed {
		t.Error("closing the body does not close the original")
	}
}

func TestCheckRequestLeavesAnAbsentBodyAlone(t *testing.T) {
	t.Parallel()
	for _, body := range []io.ReadCloser{nil, http.NoBody} {
		req := request(t, "GET /customers", "", "")
		req.Body = body
		if err := newValidator(t).CheckRequest(req); err != nil {
			t.Fatal(err)
		}
		if req.Body != body {
			t.Errorf("the body %v became %v", body, req.Body)
		}
	}
}

func TestCheckRequestPassesOnTheErrorOfReading(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	req := request(t, "POST /transfers", halJSON, "x")
	req.Body = io.NopCloser(io.MultiReader(strings.NewReader(transfer[:10]), &failsOnce{broken}))
	if err := newValidator(t).CheckRequest(req); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if body, err := io.ReadAll(req.Body); string(body) != transfer[:10] || !errors.Is(err, broken) {
		t.Errorf("the next reader gets %q, %v", body, err)
	}
}

// Not parallel: with the race detector, large bodies at once take several times as long as one by one.
func TestCheckRequestStopsReadingAtTheLimit(t *testing.T) {
	t.Parallel()
	const size = 3 << 20
	req := request(t, "POST /transfers", halJSON, "x")
	source := &counter{Reader: io.LimitReader(zeros{}, size)}
	req.Body = io.NopCloser(source)
	got := lines(t, newValidator(t, contract.WithLimit(1<<20)).CheckRequest(req))
	if want := []string{"createTransfer: request body: is larger than 1048576 bytes"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if source.n > 2<<20 {
		t.Errorf("%d bytes were read", source.n)
	}
	if n, err := io.Copy(io.Discard, req.Body); n != size || err != nil {
		t.Errorf("the next reader gets %d bytes, %v", n, err)
	}
}

type closer struct {
	io.Reader
	onClose func()
}

func (c closer) Close() error {
	c.onClose()
	return nil
}

// failsOnce gives its error to the first reader only.
type failsOnce struct{ err error }

func (f *failsOnce) Read([]byte) (int, error) {
	err := f.err
	f.err = io.EOF
	return 0, err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

type counter struct {
	io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}
