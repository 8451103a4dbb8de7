package testkit_test

import (
	"runtime/debug"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/testkit"
)

func TestTheRaceDetectorIsNoticed(t *testing.T) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Skip("the test was built without information about itself")
	}
	on := false
	for _, setting := range info.Settings {
		on = on || setting.Key == "-race" && setting.Value == "true"
	}
	if testkit.Raced() != on {
		t.Errorf("on is %v", testkit.Raced())
	}
}
