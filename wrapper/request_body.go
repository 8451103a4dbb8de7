package dwolla

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// encodeBody returns the bytes of a request's body and their media type, which is empty when there is no body. It is
// called once per call: every attempt sends the same bytes.
func encodeBody(ctx context.Context, req *call.Request, uncheckedDocument bool) (data []byte, contentType string, err error) {
	switch {
	case req.Multipart != nil:
		return encodeMultipart(ctx, req.Multipart, uncheckedDocument)
	case req.Form != nil:
		form := url.Values{}
		for _, p := range req.Form {
			form.Set(p.Name, p.Value)
		}
		return []byte(form.Encode()), "application/x-www-form-urlencoded", nil
	case req.Body != nil:
		if err := validateBody(req.Body); err != nil {
			return nil, "", err
		}
		data, err := appendBody(ctx, newBuffer(estimatedSize(req.Body)), req.Body)
		if err != nil {
			return nil, "", &ArgumentError{Argument: "body", Reason: "cannot be encoded", Err: err}
		}
		return data, api.MediaTypeHAL, nil
	}
	return nil, "", nil
}

// appendBody encodes a body. A type of the user's may encode itself, and panic, exit or block.
func appendBody(ctx context.Context, buf []byte, body any) (data []byte, err error) {
	if _, own := body.(anyBody); own {
		data, err = isolate(ctx, func() ([]byte, error) { return wire.AppendRequest(buf, body) })
		return data, kept(ctx, err, false)
	}
	defer noPanic(&err)
	return wire.AppendRequest(buf, body)
}

// estimatedSize is about how many bytes a body will have, so that thousands of payments need one allocation.
func estimatedSize(body any) int {
	const other, item = 512, 256
	if m, ok := body.(*CreateMassPayment); ok {
		return other + item*len(m.Items)
	}
	return other
}

// A requestBody holds the bytes of a request's body. The memory of a large one is reused once the call has ended and the
// transport has closed every reader: it may still be sending after the answer has come.
type requestBody struct {
	bytes []byte
	users atomic.Int32 // the call, and the open readers
}

func newRequestBody(data []byte) *requestBody {
	b := &requestBody{bytes: data}
	b.users.Store(1)
	return b
}

// Bodies of a size between these, in bytes, are reused.
const (
	minPooledBody = 64 << 10
	maxPooledBody = 4 << 20
)

var requestBuffers sync.Pool // of *[]byte

// newBuffer returns an empty buffer with room for size bytes.
func newBuffer(size int) []byte {
	if size >= minPooledBody {
		if b, ok := requestBuffers.Get().(*[]byte); ok && cap(*b) >= size {
			return (*b)[:0]
		}
	}
	return make([]byte, 0, size)
}

// release ends one use of the body.
func (b *requestBody) release() {
	if b == nil || b.users.Add(-1) > 0 {
		return
	}
	if size := cap(b.bytes); size >= minPooledBody && size <= maxPooledBody {
		requestBuffers.Put(&b.bytes)
	}
}

// attach gives a request a new reader of the body; the request's headers are its own. GetBody stays nil, so that net/http
// does not replay the request by itself. A POST without a body would be replayed all the same because of its
// Idempotency-Key, which net/http does not find in lower case.
func (b *requestBody) attach(req *http.Request) {
	req.GetBody = nil
	if b != nil {
		req.Body, req.ContentLength = b.reader(), int64(len(b.bytes))
		return
	}
	req.Body, req.ContentLength = nil, 0
	if key, ok := req.Header[headerIdempotencyKey]; ok {
		delete(req.Header, headerIdempotencyKey)
		req.Header["idempotency-key"] = key
	}
}

// reader reads the body from its start. For a small one it is of a type that net/http knows to be in memory, and sends
// in one write with the header.
func (b *requestBody) reader() io.ReadCloser {
	if cap(b.bytes) < minPooledBody {
		return io.NopCloser(bytes.NewReader(b.bytes))
	}
	b.users.Add(1)
	r := &requestBodyReader{of: b}
	r.rest.Reset(b.bytes)
	return r
}

// A requestBodyReader reads nothing after it is closed. It is locked, since HTTP/2 may close a body while reading it.
type requestBodyReader struct {
	mu   sync.Mutex
	rest bytes.Reader
	of   *requestBody // nil once closed
}

func (r *requestBodyReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil {
		return 0, http.ErrBodyReadAfterClose
	}
	return r.rest.Read(p)
}

func (r *requestBodyReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of != nil {
		r.rest.Reset(nil)
		r.of.release()
		r.of = nil
	}
	return nil
}
