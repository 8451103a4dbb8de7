package wire

import (
	"strings"
	"testing"
)

func TestPointerOfAnyPrefixEndsQuietly(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "]", "}}", `"`, `{"a\`, `,`, `{"a":1}}`, `[[`, `{"a":"\"`} {
		_ = pointer([]byte(prefix)) // must not panic
	}
}

func TestPathIsCutBackToAnAncestor(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	d := NewDecoder([]byte(`{"a":[{"` + long + `":{"b":nope}}]}`))
	if d.Skip(); d.err == nil || d.err.Path != "/a/0" {
		t.Errorf("got %v, want the path /a/0", d.err)
	}
}
