package main

import (
	"strings"
	"testing"
)

func TestATerminalShowsOneLine(t *testing.T) {
	var out strings.Builder
	p := &progress{w: &out, live: true, total: 20}
	p.show(5)
	p.add(10)
	p.show(10)
	p.end()
	p.end()
	const want = "\r\x1b[K[#######.......................] 5 of 20 recipients" +
		"\r\x1b[K[###############...............] 10 of 20 recipients" +
		"\r\x1b[K[##############################] 20 of 20 recipients\n"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestElsewhereThereIsALineForEveryTenth(t *testing.T) {
	var out strings.Builder
	p := newProgress(&console{err: &out}, 40)
	for done := range 9 {
		p.show(done)
	}
	p.note("a note")
	const want = "0 of 40 recipients\n4 of 40 recipients\n8 of 40 recipients\na note\n"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
