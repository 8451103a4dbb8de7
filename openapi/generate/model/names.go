package model

import (
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/dwolla-go/dwolla-go/openapi/generate/dialect"
)

// serviceField is the field of a service in Services: x-go-service, or the tag.
func serviceField(op codegen.OperationDefinition) string {
	if name, ok := op.Spec.Extensions["x-go-service"].(string); ok {
		return name
	}
	if len(op.Spec.Tags) > 0 && op.Spec.Tags[0] != "" {
		return goName(op.Spec.Tags[0])
	}
	if first := literals(op.Path)[0]; first != "" {
		return goName(first)
	}
	return "Root"
}

// methodName is x-go-method, or derived from tag, path and verb:
//
//	GET /things/{id}            Get
//	GET /things                 List
//	POST /things                Create
//	POST /things/{id}           Update
//	DELETE /things/{id}         Delete
//	GET /owners/{id}/things     ListForOwner
//	GET /things/{id}/parts      ListParts
//	GET /things/{id}/state      GetState
//	GET /parts/{id}             GetPart
func methodName(op codegen.OperationDefinition, returnsList bool) string {
	if name, ok := op.Spec.Extensions["x-go-method"].(string); ok {
		return name
	}
	path, _, _ := strings.Cut(op.Path, "#")
	words := literals(path)
	resource := ""
	if len(op.Spec.Tags) > 0 {
		resource = strings.ReplaceAll(strings.ToLower(op.Spec.Tags[0]), " ", "-")
	}
	verb, ok := map[string]string{"GET": "Get", "POST": "Create", "PUT": "Update", "PATCH": "Update", "DELETE": "Delete"}[op.Method]
	if !ok {
		verb = goName(strings.ToLower(op.Method))
	}
	one := strings.HasSuffix(path, "}")
	if one && op.Method == "POST" {
		verb = "Update"
	}
	if !one && op.Method == "GET" && returnsList {
		verb = "List"
	}
	noun := words[len(words)-1]
	own := dialect.Singular(noun) == dialect.Singular(resource) || noun == ""
	switch {
	case own && len(words) == 1:
		return verb
	case own:
		return verb + "For" + goName(dialect.Singular(words[len(words)-2]))
	case verb == "List" || !one && verb == "Get":
		return verb + goName(noun)
	default:
		return verb + goName(dialect.Singular(noun))
	}
}

// goName is the exported Go name of words between spaces, dashes or underscores.
func goName(s string) string { return codegen.SchemaNameToTypeName(s) }

// literals are the segments of a path that are not parameters; one empty word when there are none.
func literals(path string) []string {
	var out []string
	for s := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if !strings.HasPrefix(s, "{") {
			out = append(out, s)
		}
	}
	if out == nil {
		return []string{""}
	}
	return out
}
