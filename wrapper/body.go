package dwolla

import (
	"bytes"
	"net/http"
)

// inMemory is the body of an answer that has been read to its end already.
type inMemory struct {
	*bytes.Reader
	data []byte
}

func newInMemory(data []byte) *inMemory { return &inMemory{Reader: bytes.NewReader(data), data: data} }

// Close does nothing: the connection is free already.
func (*inMemory) Close() error { return nil }

// readAll is the body of an answer, without a copy unless a middleware put another body there.
func readAll(resp *http.Response) ([]byte, error) {
	if m, ok := resp.Body.(*inMemory); ok {
		return m.data, nil
	}
	return readAtMost(resp.Body, maxBody)
}
