package wire

import "strings"

// OneOf reports whether text is one of words, which bars separate.
func OneOf(text, words string) bool {
	for more := true; more; {
		var word string
		if word, words, more = strings.Cut(words, "|"); word == text {
			return true
		}
	}
	return false
}
