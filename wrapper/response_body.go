package dwolla

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
)

var errTooLarge = fmt.Errorf("%w than the cap", ErrTooLarge)

// A memoryBody is the body of an answer that has been read to its end.
type memoryBody struct {
	bytes.Reader
	data []byte
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
func readBody(resp *http.Response, limit int64) (*memoryBody, error) {
	m, _ := bodyPool.Get().(*memoryBody)
	data, err := readInto(m.data, resp.Body, resp.ContentLength, limit)
	m.data = data
	m.Reset(data)
	return m, err
}

// recycleBody returns a body of readBody to the pool.
func recycleBody(body io.ReadCloser) {
	if m, ok := body.(*memoryBody); ok && cap(m.data) <= 2*maxChunk {
		bodyPool.Put(m)
	}
}

// bodyBytes returns the body of an answer, without a copy unless middleware has replaced it.
func bodyBytes(resp *http.Response, limit int64) ([]byte, error) {
	if m, ok := resp.Body.(*memoryBody); ok {
		return m.data, nil
	}
	return readAtMost(resp.Body, -1, limit)
}

// A body is read in chunks, in bytes: the first is as large as Content-Length says, up to maxChunk; the next ones double.
const (
	firstChunk = 4 << 10 // without a Content-Length
	maxChunk   = 1 << 20
)

// readAtMost reads to the end, and fails when there are more than limit bytes. When reading fails, it returns what it has
// read. It never holds much more than limit; a buffer that doubles would.
func readAtMost(r io.Reader, contentLength, limit int64) ([]byte, error) {
	return readInto(nil, r, contentLength, limit)
}

// readInto is readAtMost with buf as the first chunk, if that is large enough.
func readInto(buf []byte, r io.Reader, contentLength, limit int64) (body []byte, err error) {
	defer noPanic(&err)
	var full [][]byte
	size := int64(firstChunk)
	if contentLength >= 0 {
		size = min(contentLength, limit, maxChunk) + 1 // one more byte, to see the end
	}
	chunk := buf[:0]
	if int64(cap(chunk)) < size {
		chunk = make([]byte, 0, size)
	}
	for left := limit; ; {
		if len(chunk) == cap(chunk) {
			full = append(full, chunk)
			chunk = make([]byte, 0, min(2*cap(chunk), maxChunk))
		}
		n, err := r.Read(chunk[len(chunk):cap(chunk)])
		chunk = chunk[:len(chunk)+n]
		if left -= int64(n); left < 0 {
			return nil, errTooLarge
		}
		if err != nil {
			if len(full) > 0 {
				chunk = slices.Concat(append(full, chunk)...)
			}
			if err == io.EOF {
				err = nil
			}
			return chunk, err
		}
	}
}
