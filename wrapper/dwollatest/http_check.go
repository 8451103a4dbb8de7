package dwollatest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// check holds a request against the contract and returns what Dwolla refuses it for. Every deviation is reported, also
// one that Dwolla accepts, unless the server is told to expect such requests.
func (s *Server) check(by *contract.Validator, r *http.Request, req *request) []fieldError {
	err := checkBody(by, r, req.body)
	if err != nil && !s.allowInvalid {
		s.problem(err)
	}
	var found []fieldError
	if body, empty := withoutEmpty(req.body); len(empty) > 0 {
		found = slices.DeleteFunc(fieldErrorsOf(checkBody(s.open, r, body)), func(p fieldError) bool { return !empty[p.path] })
	}
	if err == nil {
		return found
	}
	return merge(found, fieldErrorsOf(checkBody(s.open, r, req.body)))
}

func checkBody(by *contract.Validator, r *http.Request, body []byte) error {
	r.Body = io.NopCloser(bytes.NewReader(body))
	return by.CheckRequest(r)
}

// fieldErrorsOf translates the violations of a request into Dwolla's error codes.
func fieldErrorsOf(err error) []fieldError {
	found, _ := errors.AsType[contract.Violations](err)
	var out []fieldError
	for _, v := range found {
		at := v.Pointer
		if place, name, _ := strings.Cut(v.Where, " "); place == "query" {
			at = "/" + name
		}
		switch v.Keyword {
		case "required":
			for _, name := range v.Members {
				out = append(out, missing(at, name))
			}
			if len(v.Members) == 0 {
				out = append(out, required(at, nameOf(at)))
			}
		case "pattern", "format", "maxLength", "minLength":
			out = append(out, invalidFormat(at, nameOf(at)+" has an invalid format."))
		default:
			out = append(out, invalid(at, nameOf(at)+" "+v.Reason+"."))
		}
	}
	return out
}

// missing is the error of a member that is not there. Of a relation Dwolla names the href.
func missing(at, name string) fieldError {
	path := at + "/" + name
	if strings.HasSuffix(at, "/_links") {
		path += "/href"
	}
	return required(path, nameOf(at+"/"+name))
}

// nameOf is how messages name the member at a path.
func nameOf(path string) string {
	name := path[strings.LastIndex(path, "/")+1:]
	if name == "" {
		return "The request"
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// merge adds the errors that the contract states to those of other rules, which are more exact about the same member.
func merge(found, more []fieldError) []fieldError {
	for _, p := range more {
		if !slices.ContainsFunc(found, func(other fieldError) bool { return other.path == p.path }) {
			found = append(found, p)
		}
	}
	return found
}

// withoutEmpty is a JSON body without the members that are empty, and their paths: Dwolla treats them as missing. The
// body is only decoded if it can have one.
func withoutEmpty(body []byte) ([]byte, map[string]bool) {
	if !bytes.Contains(body, []byte(`""`)) && !bytes.Contains(body, []byte(`[]`)) && !bytes.Contains(body, []byte(`null`)) {
		return nil, nil
	}
	var value any
	if json.Unmarshal(body, &value) != nil {
		return nil, nil
	}
	empty := map[string]bool{}
	dropEmpty(value, "", empty)
	return encode(value), empty
}

func dropEmpty(value any, at string, dropped map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			path := at + "/" + name
			if list, ok := member.([]any); member == nil || member == "" || ok && len(list) == 0 {
				dropped[missing(at, name).path] = true
				delete(value, name)
				continue
			}
			dropEmpty(member, path, dropped)
		}
	case []any:
		for i, entry := range value {
			dropEmpty(entry, at+"/"+strconv.Itoa(i), dropped)
		}
	}
}
