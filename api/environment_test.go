package api_test

import (
	"errors"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

func TestEnvironment(t *testing.T) {
	for name, want := range map[string]struct {
		env  api.Environment
		base string
	}{
		"sandbox":    {api.Sandbox, "https://api-sandbox.dwolla.com"},
		"SandBox":    {api.Sandbox, "https://api-sandbox.dwolla.com"},
		"production": {api.Production, "https://api.dwolla.com"},
		"PRODUCTION": {api.Production, "https://api.dwolla.com"},
	} {
		env, err := api.ParseEnvironment(name)
		equal(t, err, nil)
		equal(t, env, want.env)
		base, err := env.BaseURL()
		equal(t, err, nil)
		equal(t, base, want.base)
	}
}

func TestEnvironmentRefusesEveryOtherName(t *testing.T) {
	for _, name := range []string{"", " sandbox", "sandbox\n", "prod", "uat"} {
		_, err := api.ParseEnvironment(name)
		unknownEnvironment(t, err, name)
		_, err = api.Environment(name).BaseURL()
		unknownEnvironment(t, err, name)
	}
}

func unknownEnvironment(t *testing.T, err error, name string) {
	t.Helper()
	unknown, ok := errors.AsType[*api.UnknownEnvironmentError](err)
	if !ok {
		t.Fatalf("%q: error is %T (%v)", name, err, err)
	}
	equal(t, unknown.Name, name)
}
