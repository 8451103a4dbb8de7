package dwolla

import (
	"encoding/json"
	"fmt"
)

// An EntryError is yielded for an entry of a list that cannot be read: it is of another shape than the contract says, or
// has a member twice. It is the only error after which a list goes on: the entries before and after it are yielded.
type EntryError struct {
	Index int   // on its page, from 0
	Err   error // why, an *Error that is ErrBadResponse

	raw secret
}

// Error returns one line for a log. It has nothing of the entry.
func (e *EntryError) Error() string {
	if e == nil {
		return "dwolla: a nil *EntryError"
	}
	return oneLine(fmt.Sprintf("dwolla: entry %d of a page: %v", e.Index, e.Err))
}

// Unwrap returns the cause.
func (e *EntryError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// Raw returns the JSON text of the entry. It may hold personal data: do not log it.
func (e *EntryError) Raw() json.RawMessage {
	if e == nil {
		return nil
	}
	return json.RawMessage(e.raw.reveal())
}
