package main

import (
	"errors"
	"flag"
)

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

// codeOf is the exit code of an error.
func codeOf(err error) int {
	exit, ok := errors.AsType[*exitError](err)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitPaid
	case ok:
		return exit.code
	default:
		return exitUnpaid
	}
}

// end shows the error with which a command ended, and gives the exit code.
func (c *console) end(err error) int {
	if err != nil && err.Error() != "" && !errors.Is(err, flag.ErrHelp) {
		c.warn("%v", err)
	}
	return codeOf(err)
}
