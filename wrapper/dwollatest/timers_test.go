package dwollatest

import (
	"strings"
	"testing"
	"time"
)

func TestTimersRunInTheirOrder(t *testing.T) {
	var (
		all timers
		got []string
	)
	start := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		name  string
		after time.Duration
	}{{"c", 2}, {"a", 1}, {"d", 2}, {"b", 1}, {"e", 3}} {
		all.add(start.Add(row.after), func() { got = append(got, row.name) })
	}
	if at, ok := all.next(); !ok || !at.Equal(start.Add(1)) {
		t.Errorf("the first is at %s", at)
	}
	for range 5 {
		all.pop().run()
	}
	if _, ok := all.next(); ok || strings.Join(got, "") != "abcde" {
		t.Errorf("they ran as %q", got)
	}
}
