package dwolla

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"sync"
)

// inMemory is the body of an answer that has been read to its end already.
type inMemory struct {
	bytes.Reader
	data []byte
}

func newInMemory(data []byte) *inMemory {
	m := &inMemory{data: data}
	m.Reset(data)
	return m
}

// Close does nothing: the connection is free already.
func (*inMemory) Close() error { return nil }

// answers are bodies that nobody reads any more. What is decoded from one keeps no reference to it.
var answers = sync.Pool{New: func() any { return new(inMemory) }}

// read is the body of an answer of 2xx, in memory that earlier answers have used.
func read(resp *http.Response, size int64) (*inMemory, error) {
	m, _ := answers.Get().(*inMemory)
	data, err := readInto(m.data, resp.Body, resp.ContentLength, size)
	m.data = data
	m.Reset(data)
	return m, err
}

// recycle takes back a body that read has given.
func recycle(body io.ReadCloser) {
	if m, ok := body.(*inMemory); ok && cap(m.data) <= 2*largestChunk {
		answers.Put(m)
	}
}

// readAll is the body of an answer, without a copy unless a middleware put another body there.
func readAll(resp *http.Response, size int64) ([]byte, error) {
	if m, ok := resp.Body.(*inMemory); ok {
		return m.data, nil
	}
	return readAtMost(resp.Body, -1, size)
}

// What a body is read into: at first what the answer says it will be, within reason, and more as it comes.
const (
	unknownChunk = 4 << 10
	largestChunk = 1 << 20
)

// readAtMost reads to the end, or fails when there is more than size. It gives what it read also when it fails. It
// never holds much more than size, which a buffer that doubles would.
func readAtMost(r io.Reader, announced, size int64) ([]byte, error) {
	return readInto(nil, r, announced, size)
}

// readInto is readAtMost into buf, if that is large enough to begin with.
func readInto(buf []byte, r io.Reader, announced, size int64) (body []byte, err error) {
	defer noPanic(&err)
	var full [][]byte
	room := int64(unknownChunk)
	if announced >= 0 {
		room = min(announced, size, largestChunk) + 1 // to see the end
	}
	chunk := buf[:0]
	if int64(cap(chunk)) < room {
		chunk = make([]byte, 0, room)
	}
	for left := size; ; {
		if len(chunk) == cap(chunk) {
			full = append(full, chunk)
			chunk = make([]byte, 0, min(2*cap(chunk), largestChunk))
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
