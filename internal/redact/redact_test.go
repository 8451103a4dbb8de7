package redact_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/redact"
)

// person has its methods as the generator writes them.
type person struct{ ID, Name string }

func (v person) String() string             { return redact.String("Person", v.ID) }
func (v person) Format(s fmt.State, _ rune) { redact.Format(s, "Person", v.ID) }
func (v person) LogValue() slog.Value       { return redact.Value("Person", v.ID) }

func TestAModelIsPrintedByItsTypeAndID(t *testing.T) {
	for want, v := range map[string]person{"dwolla.Person(p1)": {"p1", "Jane"}, "dwolla.Person": {"", "Jane"}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			if got := fmt.Sprintf(verb, v); got != want {
				t.Errorf("%s: got %s, want %s", verb, got, want)
			}
		}
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("", "v", v)
		if !strings.HasSuffix(log.String(), " v="+want+"\n") {
			t.Errorf("logged %s", log.String())
		}
	}
}

func TestOnlyCodesAndPointersArePrinted(t *testing.T) {
	for _, text := range []string{"", "NotFound", "not_found", "not-found", "/items/12345678/amount", "_links.destination.href", "items[3].amount", "/a~1b"} {
		if got := redact.Word(text); got != text {
			t.Errorf("%q is printed as %q", text, got)
		}
	}
	for _, text := range []string{
		"Jane Doe", "jane@example.com", "Müller", "/metadata/Jane Doe", "123456789", "/ssn/123-45-6789", "a\nb", "a%20b", strings.Repeat("a", 129),
	} {
		if got := redact.Word(text); got != redact.Mask {
			t.Errorf("%q is printed as %q", text, got)
		}
	}
}
