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
