package contract_test

import (
	"slices"
	"strings"
	"testing"
)

func TestCheckEvent(t *testing.T) {
	t.Parallel()
	const event = `{"_links":{"self":{"href":"` + baseURL + `/events/e1"}},"id":"e1","resourceId":"r1",` +
		`"topic":"customer_created","timestamp":"2026-02-03T09:30:00.000Z"}`
	edit := func(old, replacement string) string { return strings.Replace(event, old, replacement, 1) }
	tests := []struct {
		name, body string
		want       []string
	}{
		{name: "an event passes", body: event},
		{name: "an unknown topic passes", body: edit("customer_created", "customer_cloned")},
		{name: "an id must be there", body: edit(`"id":"e1",`, ""), want: []string{`receiveEvent: event: lacks "id"`}},
		{name: "a topic is text", body: edit(`"customer_created"`, "4"), want: []string{"receiveEvent: event /topic: is of type number, not string"}},
		{name: "an event is JSON", body: "id=e1", want: []string{"receiveEvent: event: is not valid JSON"}},
		{name: "an event is one value", body: event + event, want: []string{"receiveEvent: event: is not valid JSON"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := lines(t, newValidator(t).CheckEvent([]byte(tt.body))); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
