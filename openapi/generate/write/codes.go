package write

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dwolla-go/dwolla-go/openapi/generate/model"
)

// A Code is one of Dwolla's error codes, which package api declares by hand.
type Code struct{ Name, Doc string }

// Names are what the template of the names sees.
type Names struct {
	*model.Client
	Codes   []Code
	Written []string // services that are written by hand
}

// ByHand reports whether a service is written by hand.
func (n Names) ByHand(service string) bool { return slices.Contains(n.Written, service) }

// Codes reads the error codes of package api.
func Codes(root string) ([]Code, error) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "api", "code.go"), nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var codes []Code
	for _, decl := range file.Decls {
		constants, ok := decl.(*ast.GenDecl)
		if !ok || constants.Tok != token.CONST {
			continue
		}
		for _, s := range constants.Specs {
			if v, ok := s.(*ast.ValueSpec); ok && v.Names[0].IsExported() {
				codes = append(codes, Code{v.Names[0].Name, strings.TrimSpace(v.Comment.Text())})
			}
		}
	}
	return codes, nil
}
