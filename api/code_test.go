package api_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

func TestCodeEqual(t *testing.T) {
	tests := map[string]struct {
		a, b api.Code
		want bool
	}{
		"the same text":                 {"NotFound", "NotFound", true},
		"another case":                  {"NotFound", "notFound", true},
		"underscores":                   {"NotFound", "not_found", true},
		"hyphens":                       {"NotFound", "not-found", true},
		"spaces":                        {"TooManyRequests", "Too Many Requests", true},
		"separators at both ends":       {"NotFound", "_notfound_", true},
		"another code":                  {"NotFound", "Forbidden", false},
		"a code that begins as another": {"InvalidScope", "InvalidScopes", false},
		"the empty code and another":    {"", "NotFound", false},
		"the empty code twice":          {"", "", true},
		"letters that only look alike":  {"NotFound", "NоtFound", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			equal(t, tt.a.Equal(tt.b), tt.want)
			equal(t, tt.b.Equal(tt.a), tt.want)
			equal(t, errors.Is(tt.a, tt.b), tt.want)
		})
	}
}

func TestCodeIsATargetOfErrorsIs(t *testing.T) {
	err := fmt.Errorf("create: %w", api.Code("duplicateResource"))
	equal(t, errors.Is(err, api.Code("DuplicateResource")), true)
	equal(t, errors.Is(err, api.Code("Duplicate")), false)
	equal(t, errors.Is(err, errors.New("duplicateResource")), false)
	equal(t, err.Error(), "create: dwolla: duplicateResource")
}

func TestCodeEqualDoesNotAllocate(t *testing.T) {
	allocs := testing.AllocsPerRun(100, func() {
		if !api.Code("TooManyRequests").Equal("Too Many Requests") {
			t.Error("not equal")
		}
	})
	equal(t, allocs, 0)
}
