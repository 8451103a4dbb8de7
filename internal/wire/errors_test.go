package wire_test

import (
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

func TestDecodeErrorText(t *testing.T) {
	t.Parallel()
	err := wire.Unmarshal([]byte(`{"status":["open"]}`), &account{})
	if got, want := err.Error(), `wire: decode "/status": expected a string, found an array (offset 10)`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A document must not be able to forge log lines by its member names.
func TestDecodeErrorTextIsOneLine(t *testing.T) {
	t.Parallel()
	err := wire.Unmarshal([]byte(`{"a\nb\u001b":nope}`), &account{})
	if text := err.Error(); strings.ContainsAny(text, "\n\x1b") {
		t.Errorf("control characters in %q", text)
	}
}

func TestEncodeErrorText(t *testing.T) {
	t.Parallel()
	_, err := wire.Marshal(&tree{map[string]any{"a": []any{"ok", "bad\xff"}}})
	if got, want := err.Error(), `wire: encode "/a/1": string is not valid UTF-8`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
