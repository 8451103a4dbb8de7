package contract

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

const (
	componentPrefix = "#/components/schemas/"
	// closedSuffix names the closed copy of a component that also has to stay open, as a branch of a composition.
	closedSuffix = ".closed"
)

var (
	// compositions describe one value together, so only the schema around them can tell what is left over.
	compositions = []string{"oneOf", "anyOf", "allOf", "then", "else"}
	// conditions only ask about a value; what they ask must not change.
	conditions = []string{"not", "if"}
)

// closeObjects closes the schemas of an OpenAPI document in its generic form. The keyword goes into the referenced
// component and not beside the $ref, where JSON Schema would have it: kin-openapi moves what stands beside a $ref into an
// allOf branch of its own, in which unevaluatedProperties sees no property as evaluated and refuses them all.
func closeObjects(doc map[string]any) {
	c := closer{components: objectAt(objectAt(doc, "components"), "schemas"), branches: map[string]bool{}}
	c.findBranches(doc)
	for _, name := range slices.Sorted(maps.Keys(c.components)) {
		schema, _ := c.components[name].(map[string]any)
		c.inside(schema)
		if !c.branches[name] {
			c.mark(schema)
		}
	}
	for key, part := range doc {
		if key == "components" {
			part = withoutSchemas(part)
		}
		c.roots(part)
	}
}

// closer closes the use sites of schemas: the places where a schema describes a whole value.
type closer struct {
	components map[string]any
	branches   map[string]bool // components that some composition refers to
}

// findBranches notes every component that is a branch somewhere in node.
func (c *closer) findBranches(node any) {
	switch node := node.(type) {
	case []any:
		for _, n := range node {
			c.findBranches(n)
		}
	case map[string]any:
		for branch := range branchesOf(node, slices.Concat(compositions, conditions)) {
			if name, ok := componentName(branch); ok {
				c.branches[name] = true
			}
		}
		for _, n := range node {
			c.findBranches(n)
		}
	}
}

// roots closes the schemas of parameters, headers and bodies below node.
func (c *closer) roots(node any) {
	switch node := node.(type) {
	case []any:
		for _, n := range node {
			c.roots(n)
		}
	case map[string]any:
		for key, n := range node {
			switch {
			case key == "schema":
				c.use(n)
			case key != "example" && key != "examples" && !strings.HasPrefix(key, "x-"):
				c.roots(n)
			}
		}
	}
}

// use closes the schema of one use site.
func (c *closer) use(schema any) {
	node, ok := schema.(map[string]any)
	if !ok {
		return
	}
	if name, ok := componentName(node); ok {
		if c.branches[name] {
			node["$ref"] = componentPrefix + c.closedCopy(name)
		}
		return // every other component is closed where it is defined
	}
	c.inside(node)
	c.mark(node)
}

// inside closes the use sites within a schema: its members and items, and those of its branches.
func (c *closer) inside(schema map[string]any) {
	for _, property := range objectAt(schema, "properties") {
		c.use(property)
	}
	for _, property := range objectAt(schema, "patternProperties") {
		c.use(property)
	}
	c.use(schema["additionalProperties"])
	c.use(schema["items"])
	if items, ok := schema["prefixItems"].([]any); ok {
		for _, item := range items {
			c.use(item)
		}
	}
	for branch := range branchesOf(schema, compositions) {
		c.inside(branch)
	}
}

// mark closes one schema, if it is an object that does not say itself what else it may hold.
func (c *closer) mark(schema map[string]any) {
	if _, said := schema["additionalProperties"]; said || !c.isObject(schema) {
		return
	}
	if _, said := schema["unevaluatedProperties"]; !said {
		schema["unevaluatedProperties"] = false
	}
}

// isObject reports whether values of the schema can be objects with members of their own.
func (c *closer) isObject(schema map[string]any) bool {
	if name, ok := componentName(schema); ok {
		target, _ := c.components[name].(map[string]any)
		return c.isObject(target)
	}
	switch kind := schema["type"].(type) {
	case string:
		return kind == "object"
	case []any:
		return slices.Contains(kind, any("object"))
	}
	if schema["properties"] != nil {
		return true
	}
	for branch := range branchesOf(schema, compositions) {
		if c.isObject(branch) {
			return true
		}
	}
	return false
}

// closedCopy makes sure that there is a closed copy of the component, and names it.
func (c *closer) closedCopy(name string) string {
	closed := name + closedSuffix
	if _, ok := c.components[closed]; ok {
		return closed
	}
	// The members are shared with the open one: they are use sites, closed in both.
	schema, _ := c.components[name].(map[string]any)
	schema = maps.Clone(schema)
	c.mark(schema)
	c.components[closed] = schema
	return closed
}

// branchesOf yields the schemas that apply to the same value as schema does, by the keywords given.
func branchesOf(schema map[string]any, keywords []string) iter.Seq[map[string]any] {
	return func(yield func(map[string]any) bool) {
		for _, keyword := range keywords {
			branches, ok := schema[keyword].([]any)
			if !ok {
				branches = []any{schema[keyword]}
			}
			for _, branch := range branches {
				if b, ok := branch.(map[string]any); ok && !yield(b) {
					return
				}
			}
		}
	}
}

func componentName(schema map[string]any) (string, bool) {
	ref, _ := schema["$ref"].(string)
	return strings.CutPrefix(ref, componentPrefix)
}

func objectAt(node map[string]any, key string) map[string]any {
	object, _ := node[key].(map[string]any)
	return object
}

func withoutSchemas(components any) any {
	node, _ := components.(map[string]any)
	node = maps.Clone(node)
	delete(node, "schemas")
	return node
}
