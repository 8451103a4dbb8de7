package model

import "testing"

func TestTwinsConsistOfTwins(t *testing.T) {
	c := client(t)
	for member, want := range map[string]string{
		"id": "string", "engine": "twinEngine", "previous": "*twinEngine", "home": "twinLink", "price": "twinMoney",
		"kind": "string", "aliases": "[]string", "built": "api.Date",
	} {
		if got := c.byName["Boat"].Member(member).Type.Twin(); got != want {
			t.Errorf("%s: %s, want %s", member, got, want)
		}
	}
}
