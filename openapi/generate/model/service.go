package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// A Service is a group of operations.
type Service struct {
	Field       string // of Services: MassPayments
	Type        string // MassPaymentsService
	Description string
	Operations  []*Operation
}

// An Operation is a method of a service.
type Operation struct {
	Service *Service

	Name        string // of the method
	All         string // of the method that walks all pages; empty where the answer is no page
	Var         string // of the description of the operation
	ID          string // operationId, as Go writes it
	ContractID  string // as the document writes it, without fragments of URLs: two methods can have one operation
	Method      string // of HTTP
	Path        string // as it is sent, a template
	Summary     string
	Description string
	Slow        bool // gets the longer time limit
	Public      bool // called without a token: security: []

	Status []string // documented statuses of 2xx, where the operation changes something
	NoBody []string // those of them that have neither a body nor a Location

	IDs    []string // names of the path parameters in Go
	Params *Type    // of the query parameters
	Query  []Param
	Body   Body

	Result  GoType // type of the answer
	Created string // type of what Location leads to
	Page    *Page

	fragment bool // its path has one
}

// A Param is a parameter of a query.
type Param struct {
	Name     string
	Set      string // the Go condition that it is set
	Value    string // Go
	Style    string
	Explode  bool
	Type     string // as the document says
	Format   string
	Optional bool // false is not the same as absent
	Max      int  // 0 is none
}

// sort puts the operations in the order of their paths.
func (s *Service) sort() {
	order := []string{"POST", "GET", "DELETE"}
	slices.SortStableFunc(s.Operations, func(a, b *Operation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(slices.Index(order, a.Method), slices.Index(order, b.Method)))
	})
}

// join gives operations that a URL fragment tells apart the id of the one without a fragment, which all are on the wire.
func (s *Service) join() {
	whole := map[string]string{}
	for _, op := range s.Operations {
		if !op.fragment {
			whole[op.Method+op.Path] = op.ContractID
		}
	}
	for _, op := range s.Operations {
		op.ContractID = cmp.Or(whole[op.Method+op.Path], op.ContractID)
	}
}

// rename names methods after their operations where the derived names are the same.
func (s *Service) rename() {
	count := map[string]int{}
	for _, op := range s.Operations {
		count[op.Name]++
		count[op.All]++
	}
	for _, op := range s.Operations {
		if count[op.Name] > 1 || op.Page != nil && count[op.All] > 1 {
			op.setName(op.ID)
		}
	}
}

// check reports two methods of one name.
func (s *Service) check() error {
	seen := map[string]*Operation{}
	for _, op := range s.Operations {
		for _, name := range []string{op.Name, op.All} {
			if other := seen[name]; other != nil && name != "" {
				return fmt.Errorf("%s.%s is the name of both %s %s and %s %s: give one of them x-go-method in an overlay",
					s.Field, name, other.Method, other.Path, op.Method, op.Path)
			}
			seen[name] = op
		}
	}
	return nil
}

// tag is the description of the group of an operation.
func (c *Client) tag(def codegen.OperationDefinition) string {
	if len(def.Spec.Tags) > 0 {
		if tag := c.doc.Tags.Get(def.Spec.Tags[0]); tag != nil {
			return strings.Join(strings.Fields(tag.Description), " ") // on one line
		}
	}
	return ""
}

func (c *Client) operation(s *Service, def codegen.OperationDefinition) (*Operation, error) {
	path, _, fragment := strings.Cut(def.Path, "#")
	op := &Operation{
		Service: s, fragment: fragment, ID: def.OperationId, ContractID: def.SpecOperationId, Method: def.Method, Path: path,
		Summary:     strings.TrimSuffix(def.Summary, "."),
		Description: strings.TrimSpace(def.Spec.Description),
		Params:      c.byName[def.OperationId+"Params"],
		Slow:        def.Spec.Extensions["x-go-slow"] != nil,
		Public:      def.Spec.Security != nil && len(*def.Spec.Security) == 0,
	}
	if op.Params != nil {
		op.Params.Of = op
	}
	for _, p := range def.PathParams {
		op.IDs = append(op.IDs, argument(p.GoVariableName()))
	}
	for _, p := range def.QueryParams {
		param, err := param(p)
		if err != nil {
			return nil, err
		}
		op.Query = append(op.Query, param)
	}
	c.answer(op, def)
	op.setName(methodName(def, op.Page != nil))
	if op.Page != nil && op.windowed() {
		op.Page.MaxPage = op.param("limit").Max
		limit, _ := def.Spec.Extensions["x-list-limit"].(float64)
		op.Page.ListLimit = int(limit)
	}
	return op, c.body(op, def)
}

func (op *Operation) setName(name string) {
	op.Name = name
	if op.Page != nil {
		op.All = "All" + strings.TrimPrefix(name, "List")
	}
	op.Var = "op" + op.Service.Field + name
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

// Windowed reports whether an operation lists a part that its parameters choose, by limit and offset.
func (op *Operation) Windowed() bool { return op.Page != nil && op.windowed() }

func (op *Operation) windowed() bool {
	return op.param("limit").plainInt() && op.param("offset").plainInt()
}

func (p Param) plainInt() bool { return p.Type == "integer" && p.Format == "" && !p.Optional }

func (op *Operation) param(name string) Param {
	i := slices.IndexFunc(op.Query, func(p Param) bool { return p.Name == name })
	if i < 0 {
		return Param{}
	}
	return op.Query[i]
}

func param(p codegen.ParameterDefinition) (Param, error) {
	out := Param{
		Name: p.ParamName, Value: "p." + p.GoName(),
		Style: p.Style(), Explode: p.Explode(), Type: p.SchemaType(), Format: p.SchemaFormat(), Optional: p.HasOptionalPointer(),
	}
	if p.Spec.Schema != nil && p.Spec.Schema.Value != nil && p.Spec.Schema.Value.Max != nil {
		out.Max = int(*p.Spec.Schema.Value.Max)
	}
	switch {
	case out.Optional:
		out.Set, out.Value = out.Value+" != nil", "*"+out.Value
	case out.Type == "array":
		out.Set = "len(" + out.Value + ") > 0"
	case out.Type == "integer":
		out.Set = out.Value + " != 0"
	case out.Type == "string" || out.Type == "number":
		out.Set = out.Value + ` != ""`
	default:
		return out, fmt.Errorf("query parameter %s has type %q, which cannot be left out", p.ParamName, out.Type)
	}
	return out, nil
}
