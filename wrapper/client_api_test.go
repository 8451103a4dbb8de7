package dwolla_test

import (
	"errors"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func with(opts ...dwolla.Option) (*dwolla.Client, error) {
	return dwolla.NewClient(dwolla.Sandbox, "k", "s", opts...)
}

func TestNewClientRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	tests := map[string]func() (*dwolla.Client, error){
		"no key":                      func() (*dwolla.Client, error) { return dwolla.NewClient(dwolla.Sandbox, "", "s") },
		"no secret":                   func() (*dwolla.Client, error) { return dwolla.NewClient(dwolla.Sandbox, "k", "") },
		"a secret with a newline":     func() (*dwolla.Client, error) { return dwolla.NewClient(dwolla.Sandbox, "k", "canary\n") },
		"no environment":              func() (*dwolla.Client, error) { return dwolla.NewClient("", "k", "s") },
		"an unknown environment":      func() (*dwolla.Client, error) { return dwolla.NewClient("staging", "k", "s") },
		"plain http":                  func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("http://gateway.example")) },
		"a base URL with a user":      func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("https://u:canary@gateway.example")) },
		"a base URL without host":     func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("/x")) },
		"a base URL that is none":     func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("http://[::1")) },
		"a plain base URL by address": func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("http://192.0.2.1")) },
		"an empty base URL":           func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("")) },
		"the other environment":       func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("https://api.dwolla.com")) },
		"no HTTP client":              func() (*dwolla.Client, error) { return with(dwolla.WithHTTPClient(nil)) },
		"no logger":                   func() (*dwolla.Client, error) { return with(dwolla.WithLogger(nil)) },
		"no middleware":               func() (*dwolla.Client, error) { return with(dwolla.WithMiddleware(nil)) },
		"a bad user agent":            func() (*dwolla.Client, error) { return with(dwolla.WithUserAgent("a\r\nb")) },
		"a negative time limit":       func() (*dwolla.Client, error) { return with(dwolla.WithTimeouts(dwolla.Timeouts{Attempt: -2})) },
		"negative retries":            func() (*dwolla.Client, error) { return with(dwolla.WithRetries(dwolla.Retries{MaxAttempts: -1})) },
		"a nil option":                func() (*dwolla.Client, error) { return with(nil) },
	}
	for name, construct := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := construct()
			if client != nil || !errors.Is(err, dwolla.ErrConfiguration) {
				t.Fatalf("got %v, %v; want ErrConfiguration", client, err)
			}
			if _, ok := errors.AsType[*dwolla.ConfigurationError](err); !ok {
				t.Errorf("%T is no *ConfigurationError", err)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("the error holds a value: %v", err)
			}
		})
	}
}

func TestNewClientFromEnvSaysWhichVariableIsWrong(t *testing.T) {
	tests := []struct{ name, environment, key, secret, base, want string }{
		{"nothing set", "", "", "", "", "DWOLLA_ENVIRONMENT"},
		{"an unknown environment", "staging", "k", "s", "", "DWOLLA_ENVIRONMENT"},
		{"no key", "sandbox", "", "s", "", "DWOLLA_APP_KEY"},
		{"no secret", "sandbox", "k", "", "", "DWOLLA_APP_SECRET"},
		{"a bad base URL", "sandbox", "k", "s", "http://gateway.example", "base URL"},
		{"all there", "Sandbox", "k", "s", "http://127.0.0.1:8080", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("DWOLLA_ENVIRONMENT", tt.environment)
			t.Setenv("DWOLLA_APP_KEY", tt.key)
			t.Setenv("DWOLLA_APP_SECRET", tt.secret)
			t.Setenv("DWOLLA_BASE_URL", tt.base)
			_, err := dwolla.NewClientFromEnv()
			switch {
			case tt.want == "" && err != nil:
				t.Fatal(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Fatalf("got %v; want an error that names %s", err, tt.want)
			}
		})
	}
}

func TestFault155_SecretsThatCannotBeSentAreRefused(t *testing.T) {
	for _, secret := range []string{"canary\n", "canary\r\n", " canary", "can\x00ary", "canary\x7f"} {
		_, err := dwolla.NewClient(dwolla.Sandbox, "key", secret)
		if !errors.Is(err, dwolla.ErrConfiguration) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", secret, err)
		}
		if strings.ContainsRune(secret, 0) {
			continue // no environment holds it
		}
		t.Setenv("DWOLLA_ENVIRONMENT", "sandbox")
		t.Setenv("DWOLLA_APP_KEY", "key")
		t.Setenv("DWOLLA_APP_SECRET", secret)
		if _, err = dwolla.NewClientFromEnv(); !errors.Is(err, dwolla.ErrConfiguration) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q from the environment: %v", secret, err)
		}
	}
	if _, err := dwolla.NewClient(dwolla.Sandbox, "key", `"quoted"`); err != nil {
		t.Errorf("quotes are characters like others: %v", err)
	}
}
