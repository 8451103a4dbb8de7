package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestDocumentFromURL(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/openapi.yml" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(contract))
	}))
	defer server.Close()
	mine := file(t, t.TempDir(), "contract.yaml", contract)
	for path, want := range map[string]int{"/openapi.yml": exitSame, "/moved.yml": exitUnreadable} {
		var stdout, stderr strings.Builder
		if code := run(t.Context(), []string{"-contract", mine, server.URL + path}, &stdout, &stderr); code != want {
			t.Errorf("%s: exit code %d, want %d: %s%s", path, code, want, &stdout, &stderr)
		}
	}
}
