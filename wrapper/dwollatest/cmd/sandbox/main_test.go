package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestTheSandboxPrintsWhereItIsAndEveryRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reader, stdout := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-items", "0"}, func(string) string { return "" }, stdout, io.Discard)
	}()

	lines := bufio.NewScanner(reader)
	read := map[string]string{}
	for _, name := range []string{"url", "key", "secret"} {
		if !lines.Scan() {
			t.Fatalf("no line for %s", name)
		}
		got, value, _ := strings.Cut(lines.Text(), ": ")
		if got != name || value == "" {
			t.Fatalf("got %q, want %s", lines.Text(), name)
		}
		read[name] = value
	}
	answered := make(chan int, 1)
	go func() { answered <- getToken(ctx, t, read["url"], read["key"], read["secret"]) }()
	if !lines.Scan() {
		t.Fatal("no line for the request")
	}
	if line := lines.Text(); !strings.HasSuffix(line, "POST   /token 200 createToken") {
		t.Errorf("got %q", line)
	}
	if status := <-answered; status != http.StatusOK {
		t.Errorf("got %d", status)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// getToken asks for a token with a query that must not be printed.
func getToken(ctx context.Context, t *testing.T, url, key, secret string) int {
	t.Helper()
	body := strings.NewReader("grant_type=client_credentials")
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/token?email=jane@example.com", body)
	if err != nil {
		t.Error(err)
		return 0
	}
	request.SetBasicAuth(key, secret)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func TestTheSandboxRefusesAPortThatIsNone(t *testing.T) {
	for _, port := range []string{"http", "99999"} {
		err := run(t.Context(), nil, func(string) string { return port }, io.Discard, io.Discard)
		if err == nil {
			t.Errorf("port %q was taken", port)
		}
	}
}
