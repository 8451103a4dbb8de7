package dwollatest

import (
	"fmt"
	"net/http"
)

// An apiError is a response above 399 in Dwolla's error model.
type apiError struct {
	status      int
	code        string
	message     string
	about       string // path of the resource that the error is about
	fieldErrors []fieldError
}

// A fieldError is about one field of the request, or about an item of a mass payment.
type fieldError struct {
	code    string
	message string
	path    string // JSON pointer into the request
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s: %s", e.status, e.code, e.message) }

// body is the JSON of the error.
func (e *apiError) body(h hal) jsonObject {
	out := jsonObject{"code": e.code, "message": e.message}
	if e.about != "" {
		out["_links"] = links{"about": h.link(e.about)}
	}
	if len(e.fieldErrors) > 0 {
		out["_embedded"] = jsonObject{"errors": showFieldErrors(e.fieldErrors)}
	}
	return out
}

func showFieldErrors(all []fieldError) []jsonObject {
	out := make([]jsonObject, 0, len(all))
	for _, p := range all {
		out = append(out, jsonObject{"code": p.code, "message": p.message, "path": p.path, "_links": links{}})
	}
	return out
}

func required(path, what string) fieldError {
	return fieldError{code: "Required", message: what + " required.", path: path}
}

func invalid(path, message string) fieldError {
	return fieldError{code: "Invalid", message: message, path: path}
}

func invalidFormat(path, message string) fieldError {
	return fieldError{code: "InvalidFormat", message: message, path: path}
}

func notAllowed(path, message string) fieldError {
	return fieldError{code: "NotAllowed", message: message, path: path}
}

func restricted(path, message string) fieldError {
	return fieldError{code: "Restricted", message: message, path: path}
}

func duplicate(path, message string) fieldError {
	return fieldError{code: "Duplicate", message: message, path: path}
}

// validationError is the error of a request that is well-formed and wrong.
func validationError(problems ...fieldError) *apiError {
	return &apiError{
		status:      http.StatusBadRequest,
		code:        "ValidationError",
		message:     "The request has validation errors; see the embedded list.",
		fieldErrors: problems,
	}
}

func badRequest(message string) *apiError {
	return &apiError{status: http.StatusBadRequest, code: "BadRequest", message: message}
}

func notFound(what string) *apiError {
	return &apiError{status: http.StatusNotFound, code: "NotFound", message: what + " not found."}
}

func forbidden(message string) *apiError {
	return &apiError{status: http.StatusForbidden, code: "Forbidden", message: message}
}

func invalidState(message string) *apiError {
	return &apiError{status: http.StatusForbidden, code: "InvalidResourceState", message: message}
}

func unauthorized(code, message string) *apiError {
	return &apiError{status: http.StatusUnauthorized, code: code, message: message}
}

func conflict(message string) *apiError {
	return &apiError{status: http.StatusConflict, code: "Conflict", message: message}
}

func duplicateResource(kind, id, path string) *apiError {
	return &apiError{
		status:  http.StatusBadRequest,
		code:    "DuplicateResource",
		message: kind + " already exists: id=" + id,
		about:   path,
	}
}
