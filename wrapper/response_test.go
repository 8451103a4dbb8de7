package dwolla_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestAResponseShowsNoHeader(t *testing.T) {
	t.Parallel()
	resp := dwolla.Response{StatusCode: 201, RequestID: "req-1", Attempts: 2, Header: http.Header{"Set-Cookie": {"canary"}}}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("answered", "response", resp)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", resp, resp, &resp), log.String()} {
		if strings.Contains(text, "canary") || !strings.Contains(text, "201") || !strings.Contains(text, "req-1") {
			t.Errorf("shown as %s", text)
		}
	}
}
