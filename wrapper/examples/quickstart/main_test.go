package main

import (
	"os"
	"strings"
	"testing"
)

func TestTheReadmeShowsThisProgram(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(source), "\npackage main")
	if !strings.Contains(string(readme), "```go\npackage main"+strings.TrimRight(program, "\n")+"\n```") {
		t.Error("the complete program in README.md is not wrapper/examples/quickstart/main.go")
	}
}
