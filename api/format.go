package api

import "fmt"

// FormatError says that a text is not of the format its type asks for. It does
// not hold the text, which may be a date of birth.
type FormatError struct {
	Format string // what was wanted, such as "a day as YYYY-MM-DD"
}

// Error implements error.
func (e *FormatError) Error() string { return fmt.Sprintf("dwolla: not %s", e.Format) }
