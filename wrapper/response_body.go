package dwolla

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A sizeLimit is how many bytes may be read, and the option that says so.
type sizeLimit struct {
	bytes  int64
	option string
}

func (l Limits) body() sizeLimit      { return sizeLimit{l.Body, "Limits.Body"} }
func (l Limits) errorBody() sizeLimit { return sizeLimit{l.ErrorBody, "Limits.ErrorBody"} }
func (l Limits) tokenBody() sizeLimit { return sizeLimit{l.TokenBody, "Limits.TokenBody"} }

// A tooLargeError is of the kind ErrTooLarge.
type tooLargeError struct{ limit sizeLimit }

func (e tooLargeError) Error() string {
	return fmt.Sprintf("the body is larger than the %d bytes of %s", e.limit.bytes, e.limit.option)
}

// Is reports whether the error is of a kind.
func (tooLargeError) Is(target error) bool { return target == ErrTooLarge }

// A memoryBody is a body that is in memory: of an answer that has been read to its end, or of a request as middleware sees it.
type memoryBody struct {
	bytes.Reader
	data []byte
	cut  error // why there is nothing of a body that came
}

func newMemoryBody(data []byte) *memoryBody {
	m := &memoryBody{data: data}
	m.Reset(data)
	return m
}

// Close does nothing: the connection is free already.
func (*memoryBody) Close() error { return nil }

// bodyPool holds bodies of answers for reuse. What is decoded from a body keeps no reference to its memory.
var bodyPool = sync.Pool{New: func() any { return new(memoryBody) }}

// readBody reads the body of an answer of 2xx into memory of the pool.
func readBody(ctx context.Context, resp *http.Response, limit sizeLimit) (*memoryBody, error) {
	m, _ := bodyPool.Get().(*memoryBody)
	data, err := readAnswerInto(ctx, m.data, resp, limit)
	m.data = data
	m.Reset(data)
	return m, err
}

// readAnswer reads the body of an answer, and decodes it if it came in gzip.
func readAnswer(ctx context.Context, resp *http.Response, limit sizeLimit) ([]byte, error) {
	return readAnswerInto(ctx, nil, resp, limit)
}

func readAnswerInto(ctx context.Context, buf []byte, resp *http.Response, limit sizeLimit) (data []byte, err error) {
	encoding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding")))
	if resp.Uncompressed || encoding == "" || encoding == "identity" {
		return readInto(ctx, buf, resp.Body, resp.ContentLength, limit)
	}
	defer noPanic(&err)
	if encoding != "gzip" && encoding != "x-gzip" {
		return nil, errEncoding
	}
	// net/http decodes only what it asked for itself. The cap is one of both what comes and what it becomes.
	whole := bufio.NewReader(&cappedReader{&contextReader{ctx: ctx, r: resp.Body}, limit, 0})
	if magic, _ := whole.Peek(2); string(magic) != "\x1f\x8b" { // decoded on its way, and still called compressed
		return readInto(ctx, buf, whole, -1, limit)
	}
	plain, err := gzip.NewReader(whole)
	if err != nil {
		return nil, err
	}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	resp.ContentLength, resp.Uncompressed = -1, true
	return readInto(ctx, buf, plain, -1, limit)
}

var errEncoding = errors.New("the answer has a content encoding that was not asked for")

// A cappedReader fails after as many bytes as the limit allows.
type cappedReader struct {
	r     io.Reader
	limit sizeLimit
	read  int64
}

func (c *cappedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.read += int64(n); c.read > c.limit.bytes {
		return 0, tooLargeError{c.limit}
	}
	return n, err
}

// recycleBody returns a body of readBody to the pool.
func recycleBody(body io.ReadCloser) {
	if m, ok := body.(*memoryBody); ok && cap(m.data) <= 2*maxChunk {
		bodyPool.Put(m)
	}
}

// bodyBytes returns the body of an answer that is in memory, without a copy.
func bodyBytes(resp *http.Response) []byte {
	if m, ok := resp.Body.(*memoryBody); ok {
		return m.data
	}
	return nil
}

// bodyCut says why there is nothing of the body of an answer that is in memory, if something came.
func bodyCut(resp *http.Response) error {
	if m, ok := resp.Body.(*memoryBody); ok {
		return m.cut
	}
	return nil
}

// A body is read in chunks, in bytes: the first is as large as Content-Length says, up to maxChunk; the next ones double.
const (
	firstChunk = 4 << 10 // without a Content-Length
	maxChunk   = 1 << 20
)

// readAtMost reads to the end, and fails when there are more bytes than the limit allows. When reading fails, it returns what it has
// read. It never holds much more than limit; a buffer that doubles would.
func readAtMost(ctx context.Context, r io.Reader, contentLength int64, limit sizeLimit) ([]byte, error) {
	return readInto(ctx, nil, r, contentLength, limit)
}

// readInto is readAtMost with buf as the first chunk, if that is large enough.
func readInto(ctx context.Context, buf []byte, r io.Reader, contentLength int64, limit sizeLimit) (body []byte, err error) {
	defer noPanic(&err)
	from := contextReader{ctx: ctx, r: r}
	var full [][]byte
	size := int64(firstChunk)
	if contentLength >= 0 {
		size = min(contentLength, limit.bytes, maxChunk) + 1 // one more byte, to see the end
	}
	chunk := buf[:0]
	if int64(cap(chunk)) < size {
		chunk = make([]byte, 0, size)
	}
	for left := limit.bytes; ; {
		if len(chunk) == cap(chunk) {
			full = append(full, chunk)
			chunk = make([]byte, 0, min(2*cap(chunk), maxChunk))
		}
		n, err := from.Read(chunk[len(chunk):cap(chunk)])
		chunk = chunk[:len(chunk)+n]
		if left -= int64(n); left < 0 {
			return nil, tooLargeError{limit}
		}
		if err != nil {
			if len(full) > 0 {
				chunk = slices.Concat(append(full, chunk)...)
			}
			if err == io.EOF { //nolint:errorlint // a foreign error is not unwrapped here; io.Reader returns EOF itself
				err = nil
			}
			return chunk, err
		}
	}
}
