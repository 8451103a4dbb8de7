package model

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

// Facts are what a document says beside its types and operations.
type Facts struct {
	Codes          []Constant // x-error-codes
	Limits         []Constant // x-go-const
	Personal       []string   // names of the members with x-personal, sorted
	Final          []Final    // x-final
	Collections    []Collection
	CorrelationIDs []CorrelationID
}

// A Constant is a fact that has a name in Go.
type Constant struct {
	Name, Value string // Go
	Doc         string
	Import      string // package that the value needs
}

// A Final is an enumeration of statuses and the Go names of those that end a process.
type Final struct {
	Type   string
	Values []string
}

// A CorrelationID is the body of a request that the caller can name, and the field with the name.
type CorrelationID struct{ Type, Field string }

// A Collection is the path segment before the ids of a type's resources.
type Collection struct{ Type, Segment string }

// addFacts reads the facts of a document. Source is the document as its overlays leave it: the dialect drops schemas that
// only errors refer to.
func (c *Client) addFacts(source tree.Object) error {
	facts := &reader{names: map[string]string{}, personal: map[string]bool{}}
	tree.Walk(source, facts.read)
	if facts.err != nil {
		return facts.err
	}
	byName := func(a, b Constant) int { return cmp.Compare(a.Name, b.Name) }
	c.Facts.Codes = slices.SortedFunc(slices.Values(facts.codes), byName)
	c.Facts.Limits = slices.SortedFunc(slices.Values(facts.limits), byName)
	c.Facts.Personal = slices.Sorted(maps.Keys(facts.personal))
	c.addCollections()
	c.addCorrelationIDs()
	return c.addFinal()
}

// A reader collects the facts of a document.
type reader struct {
	codes, limits []Constant
	names         map[string]string // what each constant stands for
	personal      map[string]bool
	err           error
}

func (r *reader) read(o tree.Object) {
	properties, _ := o["properties"].(tree.Object)
	for name, p := range properties {
		if p, ok := p.(tree.Object); ok && p["x-personal"] == true {
			r.personal[name] = true
		}
	}
	codes, _ := o["x-error-codes"].(tree.Object)
	for code, meaning := range codes {
		r.codes = r.add(r.codes, Constant{Name: "Code" + goName(code), Value: strconv.Quote(code), Doc: fmt.Sprint(meaning)})
	}
	constants, _ := o["x-go-const"].(tree.Object)
	for keyword, doc := range constants {
		name, _, _ := strings.Cut(fmt.Sprint(doc), " ")
		constant := Constant{Name: name, Doc: fmt.Sprint(doc)}
		switch value := o[keyword].(type) {
		case int:
			constant.Value = strconv.Itoa(value)
		case string:
			d, err := time.ParseDuration(value)
			if err != nil || d%time.Hour != 0 {
				r.fail("%s: %q is not a number of hours", name, value)
			}
			constant.Value, constant.Import = fmt.Sprintf("%d * time.Hour", d/time.Hour), "time"
		default:
			r.fail("%s: there is no %s to give a name to", name, keyword)
		}
		r.limits = r.add(r.limits, constant)
	}
}

// add adds a constant, once: two facts of one name are an error.
func (r *reader) add(to []Constant, c Constant) []Constant {
	if other, taken := r.names[c.Name]; taken {
		r.fail("%s is the name of both %s and %s", c.Name, min(other, c.Value), max(other, c.Value))
	}
	r.names[c.Name] = c.Value
	return append(to, c)
}

func (r *reader) fail(format string, args ...any) { r.err = cmp.Or(r.err, fmt.Errorf(format, args...)) }

func (c *Client) addFinal() error {
	for _, t := range c.Sorted() {
		ref := c.doc.Components.Schemas[t.Schema]
		if len(t.Values) == 0 || ref == nil || ref.Value == nil {
			continue
		}
		final := Final{Type: t.Name}
		for _, status := range tree.Strings(ref.Value.Extensions["x-final"]) {
			i := slices.IndexFunc(t.Values, func(v Value) bool { return v.Go == strconv.Quote(status) })
			if i < 0 {
				return fmt.Errorf("%s: x-final has %s, which the enumeration has not", t.Schema, status)
			}
			final.Values = append(final.Values, t.Values[i].Name)
		}
		if final.Values != nil {
			c.Facts.Final = append(c.Facts.Final, final)
		}
	}
	return nil
}

// addCollections finds what each GET /collection/{id} answers with. A type that several answer with is left out.
func (c *Client) addCollections() {
	segments := map[string][]string{}
	for op := range c.operations() {
		segment, id, _ := strings.Cut(strings.TrimPrefix(op.Path, "/"), "/")
		if t := op.Result.Named; op.Method == "GET" && t != nil && t.Form == Struct && strings.HasPrefix(id, "{") && !strings.Contains(id, "/") {
			segments[t.Name] = append(segments[t.Name], segment)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(segments)) {
		if len(segments[name]) == 1 {
			c.Facts.Collections = append(c.Facts.Collections, Collection{name, segments[name][0]})
		}
	}
}

// addCorrelationIDs finds the bodies of requests that have a correlation id.
func (c *Client) addCorrelationIDs() {
	fields := map[string]string{}
	for op := range c.operations() {
		t := c.byName[op.Body.Type]
		if t == nil || t.Form != Struct {
			continue
		}
		if f := t.Member("correlationId"); f != nil && f.Constant == nil && (f.Type.kind() == String || f.Type.kind() == Interned) {
			fields[t.Name] = f.Name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		c.Facts.CorrelationIDs = append(c.Facts.CorrelationIDs, CorrelationID{name, fields[name]})
	}
}

// operations yields the operations of all services.
func (c *Client) operations() iter.Seq[*Operation] {
	return func(yield func(*Operation) bool) {
		for _, s := range c.Services {
			for _, op := range s.Operations {
				if !yield(op) {
					return
				}
			}
		}
	}
}
