package main

// The exit codes, see the command's documentation. An error without one is exitUnpaid: that nothing was sent has to be
// known.
const (
	exitPaid    = 0
	exitUnpaid  = 1
	exitNotSent = 2
	exitPerson  = 3
)

// An exitError ends the program with a code, and an error to show if there is one.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func exit(code int, err error) error {
	if code == exitPaid && err == nil {
		return nil
	}
	return &exitError{code, err}
}
