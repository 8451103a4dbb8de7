package dwollatest

import (
	"fmt"
	"net/http"
)

// failure is an answer above 399 in Dwolla's error model.
type failure struct {
	status   int
	code     string
	message  string
	about    string // path of the resource that the error is about
	problems []problem
}

// problem is one finding about a field of the request, or about an item of a mass payment.
type problem struct {
	code    string
	message string
	path    string // JSON pointer into the request
}

func (f *failure) Error() string { return fmt.Sprintf("%d %s: %s", f.status, f.code, f.message) }

// body is the failure as Dwolla writes it.
func (f *failure) body(h hal) object {
	out := object{"code": f.code, "message": f.message}
	if f.about != "" {
		out["_links"] = links{"about": h.link(f.about)}
	}
	if len(f.problems) > 0 {
		out["_embedded"] = object{"errors": embedded(f.problems)}
	}
	return out
}

func embedded(problems []problem) []object {
	out := make([]object, 0, len(problems))
	for _, p := range problems {
		out = append(out, object{"code": p.code, "message": p.message, "path": p.path, "_links": links{}})
	}
	return out
}

func required(path, what string) problem {
	return problem{code: "Required", message: what + " required.", path: path}
}

func invalid(path, message string) problem {
	return problem{code: "Invalid", message: message, path: path}
}

func invalidFormat(path, message string) problem {
	return problem{code: "InvalidFormat", message: message, path: path}
}

func notAllowed(path, message string) problem {
	return problem{code: "NotAllowed", message: message, path: path}
}

func restricted(path, message string) problem {
	return problem{code: "Restricted", message: message, path: path}
}

func duplicate(path, message string) problem {
	return problem{code: "Duplicate", message: message, path: path}
}

// validationError is the answer to a request that is well-formed and wrong.
func validationError(problems ...problem) *failure {
	return &failure{
		status:   http.StatusBadRequest,
		code:     "ValidationError",
		message:  "The request has validation errors; see the embedded list.",
		problems: problems,
	}
}

func badRequest(message string) *failure {
	return &failure{status: http.StatusBadRequest, code: "BadRequest", message: message}
}

func notFound(what string) *failure {
	return &failure{status: http.StatusNotFound, code: "NotFound", message: what + " not found."}
}

func forbidden(message string) *failure {
	return &failure{status: http.StatusForbidden, code: "Forbidden", message: message}
}

func invalidState(message string) *failure {
	return &failure{status: http.StatusForbidden, code: "InvalidResourceState", message: message}
}

func unauthorized(code, message string) *failure {
	return &failure{status: http.StatusUnauthorized, code: code, message: message}
}

func conflict(message string) *failure {
	return &failure{status: http.StatusConflict, code: "Conflict", message: message}
}

func duplicateResource(kind, id, path string) *failure {
	return &failure{
		status:  http.StatusBadRequest,
		code:    "DuplicateResource",
		message: kind + " already exists: id=" + id,
		about:   path,
	}
}
