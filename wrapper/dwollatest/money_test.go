package dwollatest

import (
	"strings"
	"testing"
)

func TestParseCents(t *testing.T) {
	for _, row := range []struct {
		text string
		want cents
	}{
		{"0", 0},
		{"1", 100},
		{"12.5", 1250},
		{"12.50", 1250},
		{"-3.07", -307},
		{"007.10", 710},
		{"0.004", 0},
		{"0.005", 0},
		{"0.015", 2},
		{"0.025", 2},
		{"0.0251", 3},
		{"1.995", 200},
		{"0.0149999", 1},
		{strings.Repeat("9", 13) + ".99", 999_999_999_999_999},
	} {
		got, err := parseCents(row.text)
		if err != nil || got != row.want {
			t.Errorf("parseCents(%q) = %d, %v; want %d", row.text, got, err, row.want)
		}
	}
	for _, text := range []string{"", ".", "1.", ".5", "+1", "1e2", "1,00", " 1", "1 ", "--1", "-", "0x1", "１", strings.Repeat("9", 14)} {
		if got, err := parseCents(text); err == nil {
			t.Errorf("parseCents(%q) = %d, want an error", text, got)
		}
	}
}

func TestCentsAreWrittenWithTwoPlaces(t *testing.T) {
	for want, c := range map[string]cents{"0.00": 0, "0.05": 5, "12.50": 1250, "-0.05": -5, "-12.30": -1230} {
		if got := c.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
