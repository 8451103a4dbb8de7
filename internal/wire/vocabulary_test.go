package wire

import "testing"

func TestOneOf(t *testing.T) {
	for text, want := range map[string]bool{
		"retry": true, "retry-sent": true, "sent": true, "": false, "ret": false, "retry|retry-sent": false, "Sent": false, "sent|": false,
	} {
		if OneOf(text, "retry|retry-sent|sent") != want {
			t.Errorf("%q: want %t", text, want)
		}
	}
}
