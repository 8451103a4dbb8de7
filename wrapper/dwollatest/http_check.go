package dwollatest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
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
	if err == nil && !readOtherwise.Match(req.body) {
		return nil
	}
	multipart := strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
	body := req.body
	if !multipart {
		body = asRead(body)
	}
	return fieldErrorsOf(checkBody(s.open, r, body), multipart)
}

func checkBody(by *contract.Validator, r *http.Request, body []byte) error {
	r.Body = io.NopCloser(bytes.NewReader(body))
	return by.CheckRequest(r)
}

// fieldErrorsOf translates the violations of a request into Dwolla's error codes. Of a form with a file its media type does not
// matter.
func fieldErrorsOf(err error, multipart bool) []fieldError {
	found, _ := errors.AsType[contract.Violations](err)
	var out []fieldError
	for _, v := range found {
		at := v.Pointer
		if place, name, _ := strings.Cut(v.Where, " "); place == "query" {
			at = "/" + name
		}
		switch v.Keyword {
		case contract.KeywordMediaType:
			if multipart {
				continue // Dwolla goes by the ending of the file's name
			}
			out = append(out, invalid(at, nameOf(at)+" "+v.Reason+"."))
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

// asRead is a JSON body as Dwolla reads it: a member that is null, "" or [] is missing, and an amount may be a number. The
// body is only decoded if it can have one of these.
func asRead(body []byte) []byte {
	if !readOtherwise.Match(body) {
		return body
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil || decoder.More() {
		return body
	}
	normalize(value)
	return encode(value)
}

var readOtherwise = regexp.MustCompile(`""|\[\s*\]|null|"value"\s*:\s*-?[0-9]`)

func normalize(value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			number, isNumber := member.(json.Number)
			switch list, isList := member.([]any); {
			case member == nil || member == "" || isList && len(list) == 0:
				delete(value, name)
			case isNumber && name == "value" && value["currency"] != nil:
				value[name] = number.String()
			default:
				normalize(member)
			}
		}
	case []any:
		for _, entry := range value {
			normalize(entry)
		}
	}
}
