package dwollatest

import (
	"regexp"
	"testing"
)

func TestIDsDependOnTheSeedAlone(t *testing.T) {
	one, same, other := idSource{seed: 1}, idSource{seed: 1}, idSource{seed: 2}
	seen := map[string]bool{}
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for range 100 {
		id := one.uuid()
		if !uuid.MatchString(id) || seen[id] || id != same.uuid() || id == other.uuid() {
			t.Fatalf("got %s", id)
		}
		seen[id] = true
	}
	if token, digits := one.token(50), one.digits(10); len(token) != 50 || !regexp.MustCompile(`^[1-9][0-9]{9}$`).MatchString(digits) {
		t.Errorf("got the token %q and the digits %q", token, digits)
	}
}
