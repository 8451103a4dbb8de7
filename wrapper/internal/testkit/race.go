package testkit

import (
	"runtime/debug"
	"slices"
)

// Raced reports whether the race detector is on. Tests that go through very many cases in one goroutine, where it has
// nothing to find, take fewer of them then: the suite runs without it, too.
func Raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
