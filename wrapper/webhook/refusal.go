package webhook

import (
	"errors"
	"net/http"
)

// A refusal is the error of a delivery that is answered with another status than 200. Dwolla sends the event again.
type refusal struct {
	status int
	reason string // never contains data of the request
	err    error
}

func refuse(status int, reason string) *refusal { return &refusal{status: status, reason: reason} }

func (r *refusal) Error() string {
	if r.err != nil {
		return "webhook: " + r.reason + ": " + r.err.Error()
	}
	return "webhook: " + r.reason
}

func (r *refusal) Unwrap() error { return r.err }

// answer writes the status and its standard text. The reason is for the log, not for the sender.
func (r *refusal) answer(w http.ResponseWriter) {
	http.Error(w, http.StatusText(r.status), r.status)
}

// refusalOf returns the refusal in err's chain, or makes one of status 500.
func refusalOf(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	return &refusal{status: http.StatusInternalServerError, reason: "failed", err: err}
}
