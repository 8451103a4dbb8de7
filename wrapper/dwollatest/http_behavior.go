package dwollatest

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/idempotency"
)

// A request is one request of the API, with its operation.
type request struct {
	operation  string
	path       string
	id         string // the path parameter, in lower case
	query      url.Values
	header     http.Header
	body       []byte
	key        string // the idempotency key, if any
	keyInUse   *idempotency.Key[response]
	hal        hal
	violations []fieldError // what the contract refuses in it
}

// A result is the outcome of an operation that succeeded.
type result struct {
	status   int
	location string // path of what was created
	body     any
}

func ok(body any) (result, error) { return result{status: http.StatusOK, body: body}, nil }

func accepted(body any) (result, error) { return result{status: http.StatusAccepted, body: body}, nil }

func created(path string) (result, error) {
	return result{status: http.StatusCreated, location: path}, nil
}

// A behavior carries out one operation. If it fails, the state is unchanged.
type behavior func(*state, *request) (result, error)

// plain is the behavior of an operation without a body.
func plain(do func(*state, *request) (result, error)) behavior {
	return func(st *state, req *request) (result, error) {
		if len(req.violations) > 0 {
			return result{}, validationError(req.violations...)
		}
		return do(st, req)
	}
}

// checked is a body with rules that the contract cannot state.
type checked interface {
	// fieldErrors are those of the body alone, whatever the state.
	fieldErrors() []fieldError
}

// with is the behavior of an operation with a JSON body.
func with[T any](do func(*state, *request, T) (result, error)) behavior {
	return func(st *state, req *request) (result, error) {
		var in T
		if len(req.body) > 0 {
			if err := json.Unmarshal(req.body, &in); err != nil {
				return result{}, badRequest("The request body cannot be read.")
			}
		}
		var found []fieldError
		if in, ok := any(in).(checked); ok {
			found = in.fieldErrors()
		}
		if found = merge(found, req.violations); len(found) > 0 {
			return result{}, validationError(found...)
		}
		return do(st, req, in)
	}
}

// uploading is the behavior of an operation with a multipart body.
func uploading(do func(*state, *request, upload) (result, error)) behavior {
	return func(st *state, req *request) (result, error) {
		in, err := readUpload(req)
		if err != nil {
			return result{}, err
		}
		if len(req.violations) > 0 {
			return result{}, validationError(req.violations...)
		}
		return do(st, req, in)
	}
}

// get is the behavior of an operation that shows one resource.
func get[R resource](find func(*state, *request) (R, error)) behavior {
	return plain(func(st *state, req *request) (result, error) {
		found, err := find(st, req)
		if err != nil {
			return result{}, err
		}
		return ok(found.show(req.hal))
	})
}

// members is the behavior of an operation that lists what belongs to a resource, without pages.
func members[T any, R resource](name string, find func(*state, *request) (T, error), of func(T) []R) behavior {
	return plain(func(st *state, req *request) (result, error) {
		found, err := find(st, req)
		if err != nil {
			return result{}, err
		}
		return ok(collection(req, name, of(found)))
	})
}

// byID finds the resource of the path.
func byID[T any](all map[string]*T, req *request, what string) (*T, error) {
	if found := all[req.id]; found != nil {
		return found, nil
	}
	return nil, notFound(what)
}
