package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// A console is where the program reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
	asks     bool // a person is there to answer

	conflict atomic.Bool       // see conflictWatch
	open     *payout.FileStore // the record, if the command is carried out for another program
}

func isTerminal(file any) bool {
	f, ok := file.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// warn writes a line to stderr. That it cannot be written does not stop a payment.
func (c *console) warn(format string, args ...any) { _, _ = fmt.Fprintf(c.err, format+"\n", args...) }

// ask asks until the answer is one of the words. Where nobody is asked, and at the end of the input, it is empty.
func (c *console) ask(question string, words ...string) string {
	if !c.asks {
		return ""
	}
	for {
		_, _ = fmt.Fprintf(c.err, "%s ", question)
		answer, err := c.readLine()
		if err != nil || len(words) == 0 || slices.Contains(words, answer) {
			return answer
		}
		c.warn("please answer %s", strings.Join(words, " or "))
	}
}

func (c *console) readLine() (string, error) {
	if _, ok := c.in.(*bufio.Reader); !ok {
		c.in = bufio.NewReader(c.in)
	}
	line, err := c.in.(*bufio.Reader).ReadString('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(line), nil
}

// printable replaces control characters of a server's or a file's text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
