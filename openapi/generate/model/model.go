// Package model turns what oapi-codegen makes of a document into the values that the templates print.
package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

// A Client is what is generated from a document.
type Client struct {
	Services []*Service
	Types    []*Type // in the order in which they are declared
	Facts    Facts

	doc    *openapi3.T
	byName map[string]*Type
}

// Options say what a document is.
type Options struct {
	// Rename names methods after their operations where the derived names are the same; without it that is an error.
	Rename bool
}

// New makes the client of a document, which package dialect has rewritten; source is what it was before.
func New(doc *openapi3.T, source tree.Object, cfg codegen.Configuration, opts Options) (*Client, error) {
	d, err := resolve(doc, cfg)
	if err != nil {
		return nil, err
	}
	c := &Client{doc: doc, byName: map[string]*Type{}}
	if err := c.addTypes(d, longLists(doc)); err != nil {
		return nil, err
	}
	services := map[string]*Service{}
	for _, def := range d.operations {
		field := serviceField(def)
		if services[field] == nil {
			services[field] = &Service{Field: field, Type: field + "Service", Description: c.tag(def)}
		}
		op, err := c.operation(services[field], def)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", def.Method, def.Path, err)
		}
		services[field].Operations = append(services[field].Operations, op)
	}
	for _, field := range slices.Sorted(maps.Keys(services)) {
		s := services[field]
		s.sort()
		s.join()
		if opts.Rename {
			s.rename()
		}
		if err := s.check(); err != nil {
			return nil, err
		}
		c.Services = append(c.Services, s)
	}
	return c, c.addFacts(source)
}

// Sorted are the types in the order of their names.
func (c *Client) Sorted() []*Type {
	return slices.SortedFunc(slices.Values(c.Types), func(a, b *Type) int { return strings.Compare(a.Name, b.Name) })
}

// SchemaOf is the name in the document of a type.
func (c *Client) SchemaOf(name string) string { return c.byName[name].Schema }
