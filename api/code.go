package api

// Code is an error code of Dwolla, as it was written. Dwolla writes the same
// code in several ways (NotFound, notFound, not_found), so compare codes with
// [Code.Equal] or errors.Is, not with ==.
//
// A Code is an error, to be a target of errors.Is. The known codes are constants
// of package dwolla:
//
//	if errors.Is(err, dwolla.CodeDuplicateResource) { … }
type Code string

// Equal reports whether c and other are the same code: in any case, and with or
// without "_", "-" and spaces.
func (c Code) Equal(other Code) bool {
	a, b := string(c), string(other)
	for {
		var x, y byte
		x, a = nextOfCode(a)
		y, b = nextOfCode(b)
		if x != y {
			return false
		}
		if x == 0 {
			return true
		}
	}
}

// nextOfCode returns the first byte of s that matters, in lower case, and the
// text after it; 0 at the end.
func nextOfCode(s string) (byte, string) {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '_' || c == '-' || c == ' ':
		case 'A' <= c && c <= 'Z':
			return c | 0x20, s[i+1:]
		default:
			return c, s[i+1:]
		}
	}
	return 0, ""
}

// Error implements error.
func (c Code) Error() string { return "dwolla: " + string(c) }

// Is reports whether target is a Code equal to c, for errors.Is.
func (c Code) Is(target error) bool {
	other, ok := target.(Code)
	return ok && c.Equal(other)
}
