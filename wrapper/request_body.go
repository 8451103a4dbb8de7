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

// A payload is the bytes of a request, the same for every attempt. The memory of a large one is used again when the
// call has ended and the transport has closed every reader: with the answer there, it may still be writing.
type payload struct {
	bytes []byte
	users atomic.Int32 // the call, and the readers that are open
}

func newPayload(data []byte) *payload {
	p := &payload{bytes: data}
	p.users.Store(1)
	return p
}

// What is worth keeping, and not too much to keep, in bytes.
const (
	largePayload = 64 << 10
	hugePayload  = 4 << 20
)

var buffers sync.Pool // of *[]byte

// buffer is empty, and has room for about size bytes.
func buffer(size int) []byte {
	if size >= largePayload {
		if b, ok := buffers.Get().(*[]byte); ok {
			return (*b)[:0]
		}
	}
	return make([]byte, 0, size)
}

// release ends one use of the payload.
func (p *payload) release() {
	if p == nil || p.users.Add(-1) > 0 {
		return
	}
	if size := cap(p.bytes); size >= largePayload && size <= hugePayload {
		buffers.Put(&p.bytes)
	}
}

// attach gives a request, whose headers are its own, a fresh reader over the body. GetBody stays nil, so that net/http
// does not replay the request behind our back; a POST without a body would be replayed all the same when it carries the
// canonical header, and so carries it in lower case.
func (p *payload) attach(req *http.Request) {
	req.GetBody = nil
	if p != nil {
		req.Body, req.ContentLength = p.reader(), int64(len(p.bytes))
		return
	}
	req.Body, req.ContentLength = nil, 0
	if key, ok := req.Header[headerIdempotencyKey]; ok {
		delete(req.Header, headerIdempotencyKey)
		req.Header["idempotency-key"] = key
	}
}

// reader reads a payload from its start. A small one is read by what net/http knows to be in memory, and sends
// together with the header.
func (p *payload) reader() io.ReadCloser {
	if cap(p.bytes) < largePayload {
		return io.NopCloser(bytes.NewReader(p.bytes))
	}
	p.users.Add(1)
	r := &payloadReader{of: p}
	r.rest.Reset(p.bytes)
	return r
}

// A payloadReader reads nothing any more once it is closed. HTTP/2 closes a body while it reads it.
type payloadReader struct {
	mu   sync.Mutex
	rest bytes.Reader
	of   *payload // nil when it is closed
}

func (r *payloadReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil {
		return 0, http.ErrBodyReadAfterClose
	}
	return r.rest.Read(p)
}

func (r *payloadReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of != nil {
		r.rest.Reset(nil)
		r.of.release()
		r.of = nil
	}
	return nil
}

// roughSize is how many bytes a body will have, about: enough for one buffer to hold thousands of payments.
func roughSize(body any) int {
	const other, item = 512, 256
	if m, ok := body.(*CreateMassPayment); ok {
		return other + item*len(m.Items)
	}
	return other
}

// encode makes the bytes of the body, once: attempts resend them and never encode anew.
func (e *pendingCall) encode(ctx context.Context, req *call.Request) error {
	switch {
	case req.Multipart != nil:
		data, contentType, err := encodeMultipart(ctx, req.Multipart, e.opts.UncheckedDocument)
		if ctx.Err() != nil {
			return e.newError(OutcomeCanceled, ended(ctx))
		}
		if err != nil {
			return err
		}
		e.body = newPayload(data)
		e.header.Set("Content-Type", contentType)
	case req.Form != nil:
		form := url.Values{}
		for _, p := range req.Form {
			form.Set(p.Name, p.Value)
		}
		e.body = newPayload([]byte(form.Encode()))
		e.header.Set("Content-Type", "application/x-www-form-urlencoded")
	case req.Body != nil:
		if err := validateBody(req.Body); err != nil {
			return err
		}
		data, err := wire.Append(buffer(roughSize(req.Body)), req.Body)
		if err != nil {
			return &ArgumentError{Argument: "body", Reason: "cannot be encoded", Err: err}
		}
		e.body = newPayload(data)
		e.header["Content-Type"] = []string{api.MediaTypeHAL}
		e.correlationID = correlationIDOf(req.Body)
	}
	return nil
}
