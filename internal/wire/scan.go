package wire

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// This file has the functions on plain bytes that both directions use: special finds what in a string needs a closer
// look, escapeLength and unescape deal with escapes, numberEnd finds the end of a number.

// special compares eight bytes at a time. These words hold one byte value in each of the eight places.
const (
	each     = 0x0101010101010101
	topBits  = each * 0x80
	quotes   = each * '"'
	slashes  = each * '\\'
	spaces   = each * ' '
	wordSize = 8
)

// special returns the index of the first byte of data at or after i that cannot stand for itself in a plain ASCII
// JSON string: a quote, a backslash, a control character or part of a longer UTF-8 sequence; len(data) if none.
func special(data []byte, i int) int {
	for ; i+wordSize <= len(data); i += wordSize {
		// A subtraction borrows into the top bit of the lowest byte that is zero (or, for spaces, too small);
		// what it does to higher bytes does not matter, as only the first hit is used.
		w := binary.LittleEndian.Uint64(data[i:])
		hits := ((w ^ quotes) - each) | ((w ^ slashes) - each) | (w - spaces) | w
		if hits &= topBits; hits != 0 {
			return i + bits.TrailingZeros64(hits)/8
		}
	}
	for ; i < len(data); i++ {
		if c := data[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return i
		}
	}
	return i
}

// escapeLength returns the length of the valid escape sequence at the start of s, which starts with a backslash
// (a surrogate pair is one sequence of 12 bytes), or 0 and what is wrong with it. Half of a pair has a length and a problem.
func escapeLength(s []byte) (n int, problem string) {
	if len(s) < 2 {
		return 0, problemEnd
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, ""
	case 'u':
	default:
		return 0, "invalid escape in a string"
	}
	r, ok := hex4(s)
	if !ok {
		return 0, "invalid escape in a string"
	}
	if !utf16.IsSurrogate(r) {
		return 6, ""
	}
	if low, ok := hex4(s[6:]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
		return 12, ""
	}
	return 6, problemSurrogate
}

// hex4 reads \uXXXX at the start of s.
func hex4(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape appends to dst what raw, the valid content of a JSON string, stands for: as in encoding/json, U+FFFD for half of
// a surrogate pair and for each byte that is not UTF-8.
func unescape(dst, raw []byte) []byte {
	for i := 0; i < len(raw); {
		if raw[i] >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(raw[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		if raw[i] != '\\' {
			dst = append(dst, raw[i])
			i++
			continue
		}
		switch c := raw[i+1]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, _ := hex4(raw[i:])
			if utf16.IsSurrogate(r) {
				low, _ := hex4(raw[i+6:])
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
			i += 4
		default:
			dst = append(dst, c)
		}
		i += 2
	}
	return dst
}

// numberEnd returns the index after the JSON number that starts at data[i], or -1 if there is none.
func numberEnd(data []byte, i int) int {
	if i < len(data) && data[i] == '-' {
		i++
	}
	whole := i
	if i = digitsEnd(data, i); i == whole || i > whole+1 && data[whole] == '0' {
		return -1
	}
	if i < len(data) && data[i] == '.' {
		fraction := i + 1
		if i = digitsEnd(data, fraction); i == fraction {
			return -1
		}
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		exponent := i + 1
		if exponent < len(data) && (data[exponent] == '+' || data[exponent] == '-') {
			exponent++
		}
		if i = digitsEnd(data, exponent); i == exponent {
			return -1
		}
	}
	return i
}

// digitsEnd returns the index of the first byte at or after i that is not a digit.
func digitsEnd(data []byte, i int) int {
	for i < len(data) && '0' <= data[i] && data[i] <= '9' {
		i++
	}
	return i
}
