package model

import (
	"fmt"
	"strings"
)

// Args are the parameters of the method.
func (op *Operation) Args() string {
	args := []string{"ctx context.Context"}
	for _, id := range op.IDs {
		args = append(args, id+" string")
	}
	if op.Params != nil {
		args = append(args, "params "+op.Params.Name)
	}
	if op.Body.Type != "" && !op.Body.Constant {
		pointer := ""
		if op.Body.Optional {
			pointer = "*"
		}
		args = append(args, "body "+pointer+op.Body.Type)
	}
	return strings.Join(append(args, "opts ...call.Option"), ", ")
}

// Returns is the result list of the method.
func (op *Operation) Returns() string {
	switch {
	case op.Created != "":
		return "(*api.Ref[" + op.Created + "], error)"
	case op.Result.Go != "":
		return "(*" + op.Result.Go + ", error)"
	default:
		return "error"
	}
}

// Request is the Go expression of the call.
func (op *Operation) Request() string {
	fields := []string{"Op: &" + op.Var}
	if len(op.IDs) > 0 {
		fields = append(fields, "IDs: call.IDs{"+strings.Join(op.IDs, ", ")+"}")
	}
	if op.Params != nil {
		fields = append(fields, "Query: params")
	}
	switch {
	case op.Body.Kind == "":
	case op.Body.Kind != "json":
		var parts []string
		for _, p := range op.Body.Parts {
			member := "Value"
			if p.File {
				member = "File"
			}
			parts = append(parts, fmt.Sprintf("{Name: %q, %s: %s}", p.Name, member, p.Value))
		}
		fields = append(fields, op.Body.Kind+": []call.Part{"+strings.Join(parts, ", ")+"}")
	case op.Body.Constant:
		fields = append(fields, "Body: &"+op.Body.Type+"{}")
	case op.Body.Optional:
		fields = append(fields, "Body: call.Optional(body)")
	case op.Body.Union:
		given := "body"
		if op.Body.Required {
			given = "call.Required(body)"
		}
		fields = append(fields, "Body: "+given)
	default:
		fields = append(fields, "Body: &body")
	}
	return "&call.Request{" + strings.Join(append(fields, "Options: opts"), ", ") + "}"
}
