package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// A plan is what the template of the services sees.
type plan struct {
	Package  string
	Services []*service
}

type service struct {
	Field   string // at the client: MassPayments
	Type    string // MassPaymentsService
	Doc     string
	Methods []*method
}

type method struct {
	Service *service
	Name    string
	Op      codegen.OperationDefinition

	Var         string // of the operation's description
	Summary     string
	Description string
	IDs         []string // names of the path parameters in Go
	Collections []string
	Params      string // type of the query parameters
	Query       []queryParam
	Body        string // type of the body
	BodyKind    string // "", json, form, multipart
	BodyPointer bool   // the body may be left out
	BodyUnion   bool   // the body is an interface
	Constant    bool   // the body holds nothing for the caller to set
	Parts       []part
	Slow        bool // gets the longer time limit
	Public      bool // security: []

	Result    string // type of the answer; none when empty
	Created   string // type of what Location leads to
	Page      bool
	Item      string // type of the entries of a page
	All       string // name of the iterating method
	ListLimit int    // how many entries of the list can be read; 0 is all
	Status    []string
}

type queryParam struct {
	Name, Field string
	Guard       string // a Go condition: is it set?
	Value       string
	Text        string // a Go expression of its text, where it has one
	Each        string // the same of an element v, where it is a list of such
	Style       string
	Explode     bool
	Type        string
	Format      string
}

type part struct {
	Name  string
	Value string // a Go expression
	File  bool
}

// parts are the fields of a form. One that is neither text nor a file has no place in it.
func parts(types *goTypes, body string) []part {
	s := types.structOf(ast.NewIdent(body))
	if s == nil {
		return nil
	}
	var out []part
	for _, f := range fields(s) {
		field := "body." + f.Name
		switch kind := types.kind(f.Type); {
		case f.Const != "":
			out = append(out, part{Name: f.JSON, Value: strconv.Quote(f.Const)})
		case exprString(f.Type) == "api.File":
			out = append(out, part{Name: f.JSON, Value: field, File: true})
		case kind == "String" || kind == "Name" || kind == "Number":
			out = append(out, part{Name: f.JSON, Value: "string(" + field + ")"})
		case kind == "Bool" || kind == "Int" || kind == "Int64":
			out = append(out, part{Name: f.JSON, Value: "fmt.Sprint(" + field + ")"})
		}
	}
	return out
}

// newPlan groups the operations in services, names them and finds out their types.
func newPlan(ops []codegen.OperationDefinition, spec *openapi3.T, types *goTypes, t target) (*plan, error) {
	services := map[string]*service{}
	for _, op := range ops {
		field := serviceField(op)
		s := services[field]
		if s == nil {
			s = &service{Field: field, Type: field + "Service", Doc: tagDoc(spec, op)}
			services[field] = s
		}
		m, err := newMethod(s, op, spec, types)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", op.Method, op.Path, err)
		}
		s.Methods = append(s.Methods, m)
	}
	p := &plan{Package: t.services.name}
	for _, name := range slices.Sorted(maps.Keys(services)) {
		s := services[name]
		if t.anyNames {
			distinctMethods(s)
		}
		if err := checkNames(s); err != nil {
			return nil, err
		}
		slices.SortFunc(s.Methods, func(a, b *method) int {
			return cmp.Or(cmp.Compare(a.Op.Path, b.Op.Path), cmp.Compare(verbOrder(a.Op.Method), verbOrder(b.Op.Method)))
		})
		p.Services = append(p.Services, s)
	}
	return p, nil
}

func verbOrder(verb string) int { return slices.Index([]string{"POST", "GET", "DELETE"}, verb) }

// distinctMethods gives methods whose derived names meet those of their operations.
func distinctMethods(s *service) {
	count := map[string]int{}
	for _, m := range s.Methods {
		count[m.Name]++
		count[m.All]++
	}
	for _, m := range s.Methods {
		if count[m.Name] > 1 || m.Page && count[m.All] > 1 {
			m.setName(m.Op.OperationId)
		}
	}
}

func checkNames(s *service) error {
	seen := map[string]codegen.OperationDefinition{}
	for _, m := range s.Methods {
		for _, name := range []string{m.Name, m.All} {
			if name == "" {
				continue
			}
			if other, ok := seen[name]; ok {
				return collision(s.Field+"."+name, other, m.Op)
			}
			seen[name] = m.Op
		}
	}
	return nil
}

func tagDoc(spec *openapi3.T, op codegen.OperationDefinition) string {
	if len(op.Spec.Tags) > 0 {
		if tag := spec.Tags.Get(op.Spec.Tags[0]); tag != nil {
			return strings.Join(strings.Fields(tag.Description), " ") // on one line
		}
	}
	return ""
}

func newMethod(s *service, op codegen.OperationDefinition, spec *openapi3.T, types *goTypes) (*method, error) {
	m := &method{
		Service: s, Op: op,
		Summary:     strings.TrimSuffix(op.Summary, "."),
		Description: strings.TrimSpace(op.Spec.Description),
		Collections: collections(op.Path),
	}
	for _, p := range op.PathParams {
		m.IDs = append(m.IDs, argument(p.GoVariableName()))
	}
	m.answer(spec, types)
	m.setName(methodName(op, m.Page))
	if err := m.query(types); err != nil {
		return nil, err
	}
	if err := m.body(types); err != nil {
		return nil, err
	}
	_, m.Slow = op.Spec.Extensions["x-go-slow"]
	m.Public = op.Spec.Security != nil && len(*op.Spec.Security) == 0
	limit, _ := op.Spec.Extensions["x-list-limit"].(float64)
	m.ListLimit = int(limit)
	return m, nil
}

func (m *method) setName(name string) {
	m.Name = name
	if m.Page {
		m.All = "All" + strings.TrimPrefix(name, "List")
	}
	m.Var = "op" + m.Service.Field + name
}

// argument is a name for a path parameter that no other argument of a method has.
func argument(name string) string {
	switch name {
	case "ctx", "params", "body", "opts", "s":
		return name + "ID"
	default:
		return name
	}
}

// answer finds the type of the first successful answer that has a body, and of what a Location leads to.
func (m *method) answer(spec *openapi3.T, types *goTypes) {
	for _, r := range m.Op.Responses {
		if !strings.HasPrefix(r.StatusCode, "2") {
			continue
		}
		m.Status = append(m.Status, r.StatusCode)
		for _, c := range r.Contents {
			switch name := c.Schema.TypeDecl(); {
			case m.Result != "" || strings.HasPrefix(name, "interface") || !isJSON(c.ContentType):
			case types.answers(name):
				m.Result = name
			default:
				m.Result = "api.Object"
			}
		}
		if ref := m.Op.Spec.Responses.Value(r.StatusCode); ref != nil && ref.Value != nil && ref.Value.Headers["Location"] != nil {
			m.Created = createdType(m.Op.Path, ref.Value.Headers["Location"], spec, types)
		}
	}
	m.Item, m.Page = types.pageItem(m.Result)
}

// createdType is what a Location leads to: the schema of x-leads-to, or the answer of GET on the same path or on the
// resource that the last segment of the path names.
func createdType(path string, location *openapi3.HeaderRef, spec *openapi3.T, types *goTypes) string {
	if location.Value != nil {
		if name, ok := location.Value.Extensions["x-leads-to"].(string); ok {
			return goName(name)
		}
	}
	path, _, _ = strings.Cut(path, "#")
	words := literals(path)
	resource := "/" + words[len(words)-1] + "/{}"
	for _, candidate := range spec.Paths.InMatchingOrder() {
		item := spec.Paths.Value(candidate)
		if item.Get == nil || emptyParams(candidate) != resource && candidate != path {
			continue
		}
		if r := item.Get.Responses.Value("200"); r != nil && r.Value != nil {
			for _, media := range r.Value.Content {
				if media.Schema != nil && strings.HasPrefix(media.Schema.Ref, schemaRef) {
					name := goName(strings.TrimPrefix(media.Schema.Ref, schemaRef))
					if _, page := types.pageItem(name); types.exists(name) && !page {
						return name
					}
				}
			}
		}
	}
	return "api.Object"
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

func (m *method) query(types *goTypes) error {
	if len(m.Op.QueryParams) == 0 {
		return nil
	}
	m.Params = m.Op.OperationId + "Params"
	for _, p := range m.Op.QueryParams {
		q := queryParam{
			Name: p.ParamName, Field: p.GoName(), Value: "p." + p.GoName(),
			Style: p.Style(), Explode: p.Explode(), Type: p.SchemaType(), Format: p.SchemaFormat(),
		}
		switch {
		case p.HasOptionalPointer():
			q.Guard, q.Value = q.Value+" != nil", "*"+q.Value
		case q.Type == "array":
			q.Guard = "len(" + q.Value + ") > 0"
		case q.Type == "integer":
			q.Guard = q.Value + " != 0"
		case q.Type == "string" || q.Type == "number":
			q.Guard = q.Value + ` != ""`
		default:
			return fmt.Errorf("query parameter %s has type %q, which the template does not know how to leave out", p.ParamName, q.Type)
		}
		if f := types.fieldOf(m.Params, q.Field); f != nil && q.Style == "form" {
			if star, ok := f.(*ast.StarExpr); ok {
				f = star.X
			}
			q.Text = types.text(q.Value, f)
			if list, ok := f.(*ast.ArrayType); ok && q.Explode {
				q.Each = types.text("v", list.Elt)
			}
		}
		m.Query = append(m.Query, q)
	}
	return nil
}

// text is the Go expression of the text that a simple value has in a query; empty for other types.
func (t *goTypes) text(value string, e ast.Expr) string {
	switch t.kind(e) {
	case "String", "Name", "Number":
		return convert(exprString(e), "string", value)
	case "Bool":
		return "strconv.FormatBool(" + convert(exprString(e), "bool", value) + ")"
	case "Int":
		return "strconv.Itoa(" + convert(exprString(e), "int", value) + ")"
	default:
		return ""
	}
}

func convert(from, to, value string) string {
	if from == to {
		return value
	}
	return to + "(" + value + ")"
}

func (m *method) body(types *goTypes) error {
	for _, b := range m.Op.Bodies {
		if !isJSON(b.ContentType) && !isForm(b.ContentType) {
			m.Description = strings.TrimSpace(m.Description + "\n\nThe body is " + b.ContentType + ", which the client does not write.")
			continue
		}
		m.Body = b.Schema.TypeDecl()
		m.BodyPointer = !b.Required && !isSealed(b.Schema)
		switch {
		case strings.HasPrefix(b.ContentType, "multipart/"):
			m.BodyKind = "multipart"
		case strings.HasSuffix(b.ContentType, "form-urlencoded"):
			m.BodyKind = "form"
		default:
			m.BodyKind = "json"
		}
		if m.BodyKind != "json" {
			m.BodyPointer = false // a form without parts is one that was left out
			if m.Parts = parts(types, m.Body); len(m.Parts) == 0 {
				return fmt.Errorf("the form has no parts")
			}
		}
		if def := b.TypeDef(m.Op.OperationId); def != nil && b.CustomType() {
			m.Body = def.TypeName
		}
		if m.BodyKind == "json" && !types.travels(m.Body) && !types.isPlain(m.Body) {
			m.Body = "api.Object"
		}
		_, m.BodyUnion = types.resolve(ast.NewIdent(m.Body)).(*ast.InterfaceType)
		if types.constant(m.Body) {
			m.Constant, m.BodyPointer = true, false
		}
		return nil
	}
	return nil
}
