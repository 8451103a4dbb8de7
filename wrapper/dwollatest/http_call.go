package dwollatest

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/idempotency"
)

// call is one request on its way to the rules of its operation.
type call struct {
	operation  string
	path       string
	id         string // the path parameter, in lower case
	query      url.Values
	header     http.Header
	body       []byte
	key        string // the idempotency key, if any
	inUse      *idempotency.Key[response]
	hal        hal
	violations []problem // of the contract
}

// reply is a successful answer.
type reply struct {
	status   int
	location string // path of what was created
	body     any
}

func ok(body any) (reply, error) { return reply{status: http.StatusOK, body: body}, nil }

func accepted(body any) (reply, error) { return reply{status: http.StatusAccepted, body: body}, nil }

func created(path string) (reply, error) {
	return reply{status: http.StatusCreated, location: path}, nil
}

// behavior carries out one operation. It either answers and has changed the state, or fails and has not.
type behavior func(*world, *call) (reply, error)

// plain is the behavior of an operation without a body.
func plain(do func(*world, *call) (reply, error)) behavior {
	return func(w *world, c *call) (reply, error) {
		if len(c.violations) > 0 {
			return reply{}, validationError(c.violations...)
		}
		return do(w, c)
	}
}

// checked is a body with rules that the contract cannot state.
type checked interface {
	// problems finds what is wrong with the body on its own, whatever the state.
	problems() []problem
}

// with is the behavior of an operation with a JSON body.
func with[T any](do func(*world, *call, T) (reply, error)) behavior {
	return func(w *world, c *call) (reply, error) {
		var in T
		if len(c.body) > 0 {
			if err := json.Unmarshal(c.body, &in); err != nil {
				return reply{}, badRequest("The request body cannot be read.")
			}
		}
		var found []problem
		if in, ok := any(in).(checked); ok {
			found = in.problems()
		}
		if found = merge(found, c.violations); len(found) > 0 {
			return reply{}, validationError(found...)
		}
		return do(w, c, in)
	}
}

// uploading is the behavior of an operation with a multipart body.
func uploading(do func(*world, *call, upload) (reply, error)) behavior {
	return func(w *world, c *call) (reply, error) {
		in, err := readUpload(c)
		if err != nil {
			return reply{}, err
		}
		if len(c.violations) > 0 {
			return reply{}, validationError(c.violations...)
		}
		return do(w, c, in)
	}
}
