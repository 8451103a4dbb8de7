package wire

import (
	"bytes"
	"strconv"
	"strings"
)

// This file makes the JSON pointer (RFC 6901) of an error from the text that was read or written before it, so that a
// call without an error does not pay for it.

// maxPointer bounds the text of a pointer: member names are chosen by whoever wrote the document.
const maxPointer = 256

// pointerEscapes are the two escapes of RFC 6901.
var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// level is one object or array that is open at some point of a document.
type level struct {
	object bool
	name   []byte // of the current member, still quoted; nil while there is none
	index  int    // of the current element
}

// pointer returns the JSON pointer of the value in which prefix, the beginning of a document, ends. A pointer
// that is too long is cut back to that of an ancestor.
func pointer(prefix []byte) string {
	var path string
	for _, l := range openLevels(prefix) {
		step := strconv.Itoa(l.index)
		if l.object {
			if l.name == nil {
				break
			}
			step = pointerEscapes.Replace(string(unescape(nil, l.name)))
		}
		if len(path)+1+len(step) > maxPointer {
			break
		}
		path += "/" + step
	}
	return path
}

// openLevels returns the objects and arrays that prefix leaves open, outermost first. It expects tokens that
// were found valid, up to a string or number that prefix may cut in two.
func openLevels(prefix []byte) []level {
	var open []level
	for i := 0; i < len(prefix); i++ {
		switch prefix[i] {
		case '{', '[':
			open = append(open, level{object: prefix[i] == '{'})
			continue
		case '"':
			end := closingQuote(prefix, i+1)
			if end < 0 {
				return open
			}
			if n := len(open); n > 0 && open[n-1].object && open[n-1].name == nil {
				open[n-1].name = prefix[i+1 : end]
			}
			i = end
			continue
		}
		if len(open) == 0 {
			continue
		}
		top := &open[len(open)-1]
		switch prefix[i] {
		case ',':
			top.name = nil
			top.index++
		case '}', ']':
			open = open[:len(open)-1]
		}
	}
	return open
}

// closingQuote returns the index of the quote that ends the string whose content starts at i, or -1.
func closingQuote(data []byte, i int) int {
	for i < len(data) {
		n := bytes.IndexAny(data[i:], `"\`)
		if n < 0 {
			return -1
		}
		if i += n; data[i] == '"' {
			return i
		}
		i += 2
	}
	return -1
}
