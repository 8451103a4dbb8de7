package api

import "fmt"

// FormatError reports a text that is not of the format of its type. It does not
// hold the text, which may be a date of birth.
type FormatError struct {
	Format string // what was wanted, such as "a day as YYYY-MM-DD"
}

// Error implements error.
func (e *FormatError) Error() string {
	if e == nil {
		return "dwolla: a nil *FormatError"
	}
	return fmt.Sprintf("dwolla: not %s", e.Format)
}

// AmountError reports why an amount cannot be used. It does not hold the amount.
type AmountError struct {
	Reason string // such as "leading zero"
}

// Error implements error.
func (e *AmountError) Error() string {
	if e == nil {
		return "dwolla: a nil *AmountError"
	}
	return "dwolla: amount: " + e.Reason
}

// CurrencyMismatchError reports an amount in another currency than the other
// amounts, or the operation, ask for.
type CurrencyMismatchError struct {
	Want, Got string
}

// Error implements error.
func (e *CurrencyMismatchError) Error() string {
	if e == nil {
		return "dwolla: a nil *CurrencyMismatchError"
	}
	return fmt.Sprintf("dwolla: currency %q, want %q", e.Got, e.Want)
}

// NoMemberError reports that an object has no member of that name.
type NoMemberError struct {
	Name string
}

// Error implements error.
func (e *NoMemberError) Error() string {
	if e == nil {
		return "dwolla: a nil *NoMemberError"
	}
	return fmt.Sprintf("dwolla: no member %q", e.Name)
}

// UnknownEnvironmentError reports a text that is not the name of an environment.
type UnknownEnvironmentError struct {
	Name string
}

// Error implements error.
func (e *UnknownEnvironmentError) Error() string {
	if e == nil {
		return "dwolla: a nil *UnknownEnvironmentError"
	}
	return fmt.Sprintf("dwolla: unknown environment %q, want %q or %q", e.Name, Sandbox, Production)
}
