package dwollatest

import (
	"errors"
	"regexp"
	"strings"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// missing finds the names in the reason of a violation for members that are not there.
var missing = regexp.MustCompile(`"([^"]+)"`)

// refusal is what Dwolla answers to a request that breaks the contract, as far as the contract alone can tell.
func refusal(err error) *failure {
	if err == nil {
		return nil
	}
	found, ok := errors.AsType[contract.Violations](err)
	if !ok {
		return badRequest("The request body cannot be read.")
	}
	var problems []problem
	for _, v := range found {
		problems = append(problems, findings(v)...)
	}
	return validationError(problems...)
}

func findings(v *contract.Violation) []problem {
	at := v.Pointer
	if place, name, _ := strings.Cut(v.Where, " "); place == "query" {
		at = "/" + name
	}
	switch {
	case strings.HasPrefix(v.Reason, "lacks "):
		var out []problem
		for _, name := range missing.FindAllStringSubmatch(v.Reason, -1) {
			out = append(out, required(at+"/"+name[1], name[1]))
		}
		return out
	case strings.HasPrefix(v.Reason, "does not match"), strings.HasPrefix(v.Reason, "is not a valid"),
		strings.HasPrefix(v.Reason, "is longer"), strings.HasPrefix(v.Reason, "is shorter"):
		return []problem{invalidFormat(at, "The value "+v.Reason+".")}
	}
	return []problem{invalid(at, "The value "+v.Reason+".")}
}
