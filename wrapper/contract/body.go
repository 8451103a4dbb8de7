package contract

import (
	"bytes"
	"errors"
	"io"
)

const (
	// maxFile is Dwolla's limit for a document, 10 MiB (error 413 fileTooLarge).
	maxFile = 10 << 20
	// maxMultipart leaves room for the fields and boundaries around one file.
	maxMultipart = maxFile + 1<<20
	// maxBody holds a mass payment of 5,000 items with every optional member at its full length.
	maxBody = 64 << 20
)

// errTooLarge reports a body over the limit.
var errTooLarge = errors.New("contract: body is too large")

// readBody reads a body of at most limit bytes and leaves in its place a reader of the whole body, also on an error.
func readBody(body *io.ReadCloser, limit int64) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	original := *body
	data, err := io.ReadAll(io.LimitReader(original, limit+1))
	if len(data) == 0 && err == nil {
		return nil, nil // http.NoBody must stay itself: net/http would send any other empty body in chunks
	}
	rest := io.Reader(original)
	if err != nil {
		rest = failing{err} // what the next reader would have met
	}
	*body = restored{io.MultiReader(bytes.NewReader(data), rest), original}
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, errTooLarge
	}
	return data, nil
}

// A restored body was read ahead; closing it closes the original.
type restored struct {
	io.Reader
	io.Closer
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
