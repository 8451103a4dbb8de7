package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
)

// goTypes are the type declarations of the generated models.
type goTypes struct {
	source string
	fset   *token.FileSet
	file   *ast.File
	specs  map[string]*ast.TypeSpec
	order  []string
	custom map[string]bool // types that have a MarshalJSON of oapi-codegen
}

func parseTypes(source string) (*goTypes, error) {
	t := &goTypes{source: source, fset: token.NewFileSet(), specs: map[string]*ast.TypeSpec{}, custom: map[string]bool{}}
	file, err := parser.ParseFile(t.fset, "models.go", source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	t.file = file
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.GenDecl:
			for _, s := range decl.Specs {
				if ts, ok := s.(*ast.TypeSpec); ok {
					t.specs[ts.Name.Name] = ts
					t.order = append(t.order, ts.Name.Name)
				}
			}
		case *ast.FuncDecl:
			if decl.Name.Name == "MarshalJSON" && decl.Recv != nil {
				if id, ok := decl.Recv.List[0].Type.(*ast.Ident); ok {
					t.custom[id.Name] = true
				}
			}
		}
	}
	return t, nil
}

func (t *goTypes) exists(name string) bool { return t.specs[name] != nil }

// resolve follows names within the package down to what they stand for.
func (t *goTypes) resolve(e ast.Expr) ast.Expr {
	for range 20 {
		id, ok := e.(*ast.Ident)
		if !ok || t.specs[id.Name] == nil {
			return e
		}
		e = t.specs[id.Name].Type
	}
	return e
}

// structOf is the struct behind a type, if it is one.
func (t *goTypes) structOf(e ast.Expr) *ast.StructType {
	s, _ := t.resolve(e).(*ast.StructType)
	return s
}

// fieldOf is the type of a field of a struct; nil where there is none of that name.
func (t *goTypes) fieldOf(name, field string) ast.Expr {
	s := t.structOf(ast.NewIdent(name))
	if s == nil {
		return nil
	}
	for _, f := range s.Fields.List {
		for _, id := range f.Names {
			if id.Name == field {
				return f.Type
			}
		}
	}
	return nil
}

// A field of a struct as the codec sees it.
type field struct {
	Name  string
	JSON  string
	Const string // always written with this value; not a field of the Go struct
	Type  ast.Expr
	Node  *ast.Field

	Required bool
}

// fields lists the fields of a struct that are members of the JSON object.
func fields(s *ast.StructType) []field {
	var out []field
	for _, f := range s.Fields.List {
		if len(f.Names) != 1 || f.Tag == nil {
			continue
		}
		raw, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			continue
		}
		tag := reflect.StructTag(raw)
		name, options, _ := strings.Cut(tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		out = append(out, field{
			Name: f.Names[0].Name, JSON: name, Const: tag.Get(constTag), Type: f.Type, Node: f,
			Required: !strings.Contains(options, "omit"),
		})
	}
	return out
}

// isModel reports whether a type is a struct that travels as a JSON object and gets a codec.
func (t *goTypes) isModel(name string) bool {
	spec := t.specs[name]
	if spec == nil || t.custom[name] || spec.Assign.IsValid() {
		return false
	}
	s, ok := spec.Type.(*ast.StructType)
	if !ok || len(s.Fields.List) > 0 && len(fields(s)) == 0 {
		return false
	}
	for _, f := range s.Fields.List {
		if f.Tag != nil && strings.Contains(f.Tag.Value, `form:"`) {
			return false // query parameters, form bodies
		}
		if exprString(f.Type) == "api.File" {
			return false
		}
	}
	return true
}

// travels reports whether a type can be the body of a request: a model, or a union of them.
func (t *goTypes) travels(name string) bool {
	spec := t.specs[name]
	if spec == nil {
		return false
	}
	if id, ok := spec.Type.(*ast.Ident); ok && spec.Assign.IsValid() {
		return t.travels(id.Name)
	}
	union, ok := spec.Type.(*ast.InterfaceType)
	sealed := ok && len(union.Methods.List) > 0
	return sealed || t.isModel(name) || t.delegates(name) || t.custom[name]
}

// answers reports whether a type can be the body of an answer: all that travels but sealed unions, which are written
// only.
func (t *goTypes) answers(name string) bool {
	if strings.HasPrefix(name, "api.") {
		return true
	}
	_, union := t.resolve(ast.NewIdent(name)).(*ast.InterfaceType)
	return !union && t.travels(name) || t.isPlain(name)
}

// constant reports whether a model has only members with constant values.
func (t *goTypes) constant(name string) bool {
	if !t.isModel(name) {
		return false
	}
	for _, f := range fields(t.structOf(ast.NewIdent(name))) {
		if f.Const == "" {
			return false
		}
	}
	return true
}

// pageItem is the type of the entries if the type is a page of a list: links, exactly one embedded array, no id.
func (t *goTypes) pageItem(name string) (string, bool) {
	s := t.structOf(ast.NewIdent(name))
	if s == nil {
		return "", false
	}
	var links, embedded, id bool
	item := ""
	for _, f := range fields(s) {
		switch f.JSON {
		case "id":
			id = true
		case "_links":
			links = true
		case "_embedded":
			if inner := t.structOf(f.Type); inner != nil {
				members := fields(inner)
				if len(members) == 1 {
					if array, ok := t.resolve(members[0].Type).(*ast.ArrayType); ok {
						embedded, item = true, exprString(array.Elt)
					}
				}
			}
		}
	}
	return item, links && embedded && !id
}

// embeddedField names the one field of the embedded part of a page.
func (t *goTypes) embeddedField(name string) string {
	for _, f := range fields(t.structOf(ast.NewIdent(name))) {
		if f.JSON == "_embedded" {
			return f.Name + "." + fields(t.structOf(f.Type))[0].Name
		}
	}
	return ""
}

// linksAreMap reports whether the relations of a type are a map and not a struct.
func (t *goTypes) linksAreMap(name string) bool {
	for _, f := range fields(t.structOf(ast.NewIdent(name))) {
		if f.JSON == "_links" {
			return exprString(t.resolve(f.Type)) == "api.Links"
		}
	}
	return false
}

// exprString is the Go source of a type expression.
func exprString(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return exprString(e.X) + "." + e.Sel.Name
	case *ast.StarExpr:
		return "*" + exprString(e.X)
	case *ast.ArrayType:
		return "[]" + exprString(e.Elt)
	case *ast.MapType:
		return "map[" + exprString(e.Key) + "]" + exprString(e.Value)
	case *ast.IndexExpr:
		return exprString(e.X) + "[" + exprString(e.Index) + "]"
	case *ast.InterfaceType:
		return "any"
	default:
		return ""
	}
}
