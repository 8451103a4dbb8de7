package main

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

// This module cannot import internal/leak, which the other packages use.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			fmt.Fprintf(os.Stderr, "goroutines are left:\n\n%s\n", stacks[:runtime.Stack(stacks, true)])
			os.Exit(max(code, 1))
		}
	}
	os.Exit(code)
}
