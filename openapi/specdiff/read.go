package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	fetchTimeout = time.Minute
	maxDocument  = 32 << 20
)

// readAPI reads a document and reduces it to what is sent over the wire.
func readAPI(ctx context.Context, source string) (api, error) {
	data, err := read(ctx, source)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	if doc.Paths.Len() == 0 {
		return nil, fmt.Errorf("%s: no OpenAPI document with paths", source)
	}
	return reduce(doc), nil
}

func read(ctx context.Context, source string) ([]byte, error) {
	if !strings.HasPrefix(source, "https://") && !strings.HasPrefix(source, "http://") {
		return os.ReadFile(source) //nolint:gosec // the maintainer names it
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil) //nolint:gosec // the maintainer names it
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req) //nolint:gosec // the maintainer names it
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", source, resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxDocument))
}
