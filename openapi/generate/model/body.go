package model

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/dwolla-go/dwolla-go/openapi/generate/dialect"
	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

// A Body is what an operation sends.
type Body struct {
	Type     string // Go; empty where nothing is sent
	Kind     string // json, Form or Multipart
	Optional bool   // may be left out
	Required bool   // may not be nil, where it is one of several types
	Union    bool   // is an interface
	Constant bool   // holds nothing for the caller to set
	Parts    []Part // of a form
}

// A Part is a field of a form.
type Part struct {
	Name  string
	Value string // Go
	File  bool
}

// object is the type of a body or an answer that the document does not describe.
const object = "api.Object"

// body finds out what an operation sends.
func (c *Client) body(op *Operation, def codegen.OperationDefinition) error {
	for _, b := range def.Bodies {
		switch {
		case dialect.IsJSON(b.ContentType):
			op.Body = c.jsonBody(b)
			return nil
		case dialect.IsForm(b.ContentType):
			op.Body = Body{Type: b.Schema.TypeDecl(), Kind: "Form", Parts: parts(c.goType(b.Schema))}
			if strings.HasPrefix(b.ContentType, "multipart/") {
				op.Body.Kind = "Multipart"
			}
			if len(op.Body.Parts) == 0 {
				return errors.New("the form has no parts")
			}
			t := c.byName[op.Body.Type]
			op.Body.Constant = t != nil && t.AllConstant()
			return nil
		default:
			op.Description = strings.TrimSpace(fmt.Sprintf("%s\n\nThe body is %s, which the client does not write.", op.Description, b.ContentType))
		}
	}
	return nil
}

func (c *Client) jsonBody(b codegen.RequestBodyDefinition) Body {
	t := c.goType(b.Schema)
	body := Body{Type: t.Go, Kind: "json", Optional: !b.Required && !isSealed(b.Schema), Required: b.Required && isSealed(b.Schema)}
	switch {
	case t.Named.sent():
		body.Union = t.resolve().Named.Form == Union
		if s := t.Struct(); s != nil && s.AllConstant() {
			body.Constant, body.Optional = true, false
		}
	case t.Named != nil && t.Named.Plain():
		t.Named.whole()
	default:
		body.Type = object
	}
	return body
}

// whole makes a list or a single value a type of its own, which can have methods.
func (t *Type) whole() { t.Whole, t.Form = true, Defined }

// parts are the fields of a form. Those that are neither text nor a file are left out.
func parts(t GoType) []Part {
	s := t.Struct()
	if s == nil {
		return nil
	}
	var out []Part
	for _, f := range s.Fields {
		field := "body." + f.Name
		switch kind := f.Type.kind(); {
		case f.Constant != nil:
			out = append(out, Part{Name: f.JSON, Value: strconv.Quote(fmt.Sprint(f.Constant))})
		case f.Type.Go == "api.File":
			out = append(out, Part{Name: f.JSON, Value: field, File: true})
		case kind == String || kind == Interned || kind == Number:
			out = append(out, Part{Name: f.JSON, Value: "string(" + field + ")"})
		case kind == Bool || kind == Int || kind == Int64:
			out = append(out, Part{Name: f.JSON, Value: "fmt.Sprint(" + field + ")"})
		}
	}
	return out
}

// answer finds the type of the first successful answer that has a body, and of what a Location leads to.
func (c *Client) answer(op *Operation, def codegen.OperationDefinition) {
	for _, r := range def.Responses {
		if !strings.HasPrefix(r.StatusCode, "2") {
			continue
		}
		for _, content := range r.Contents {
			t := c.goType(content.Schema)
			switch {
			case op.Result.Go != "" || !dialect.IsJSON(content.ContentType) || t.Go == "" || t.Go == "interface{}":
			case t.answers():
				op.Result = t
				if t.Named != nil && t.Named.Plain() {
					t.Named.whole()
				}
			default:
				op.Result = GoType{Go: object}
			}
		}
		ref := def.Spec.Responses.Value(r.StatusCode)
		located := ref != nil && ref.Value != nil && ref.Value.Headers["Location"] != nil
		if located {
			op.Created = c.created(op.Path, ref.Value.Headers["Location"])
		}
		if _, err := strconv.Atoi(r.StatusCode); err == nil && op.Method != "GET" { // 2XX is no status
			op.Status = append(op.Status, r.StatusCode)
			if len(r.Contents) == 0 && !located {
				op.NoBody = append(op.NoBody, r.StatusCode)
			}
		}
	}
	if s := op.Result.Struct(); s != nil {
		op.Page = s.Page
	}
}

// answers reports whether a type can be the body of an answer: all that is sent but unions of requests.
func (g GoType) answers() bool {
	if strings.HasPrefix(g.Go, "api.") {
		return true
	}
	if g.Named == nil {
		return false
	}
	union := g.resolve().Named != nil && g.resolve().Named.Form == Union
	return !union && g.Named.sent() || g.Named.Plain()
}

// created is what a Location leads to: the schema of x-leads-to, or the answer of GET on the same path or on the resource
// that the last segment of the path names.
func (c *Client) created(path string, location *openapi3.HeaderRef) string {
	if location.Value != nil {
		if name, ok := location.Value.Extensions["x-leads-to"].(string); ok {
			return goName(name)
		}
	}
	words := literals(path)
	resource := "/" + words[len(words)-1] + "/{}"
	for _, candidate := range c.doc.Paths.InMatchingOrder() {
		item := c.doc.Paths.Value(candidate)
		if item.Get == nil || emptyParams(candidate) != resource && candidate != path {
			continue
		}
		if r := item.Get.Responses.Value("200"); r != nil && r.Value != nil {
			for _, media := range r.Value.Content {
				if media.Schema != nil && strings.HasPrefix(media.Schema.Ref, tree.Schemas) {
					t := c.byName[goName(strings.TrimPrefix(media.Schema.Ref, tree.Schemas))]
					if t != nil && t.Page == nil {
						return t.Name
					}
				}
			}
		}
	}
	return object
}

// emptyParams replaces the names of path parameters by nothing.
func emptyParams(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") {
			segments[i] = "{}"
		}
	}
	return strings.Join(segments, "/")
}
