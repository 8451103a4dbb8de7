package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"
)

// templates replace those of oapi-codegen by name. The services are not among them: they need the Go types of the
// models, so services.tmpl runs after the models are made, on the operations that the last template hands over.
var templates = []string{"imports.tmpl", "typedef.tmpl", "constants.tmpl", "union.tmpl", "client.tmpl", "request-bodies.tmpl", "webhook-initiator.tmpl"}

// generateSource runs oapi-codegen and returns the Go source of the models and the plan of the services.
func generateSource(doc *document, t target) (string, *plan, error) {
	cfg, err := config(t)
	if err != nil {
		return "", nil, err
	}
	var ops []codegen.OperationDefinition
	codegen.TemplateFunctions["handOver"] = func(all []codegen.OperationDefinition) string {
		ops = all
		return ""
	}
	cfg.OutputOptions.UserTemplates["client-with-responses.tmpl"] = "// The services are in another file.\n{{handOver .}}"
	if err := cfg.Validate(); err != nil {
		return "", nil, err
	}
	source, err := codegen.Generate(doc.spec, cfg)
	if err != nil {
		return "", nil, err
	}
	types, err := parseTypes(source)
	if err != nil {
		return "", nil, err
	}
	p, err := newPlan(ops, doc.spec, types, t)
	return source, p, err
}

func config(t target) (codegen.Configuration, error) {
	var cfg codegen.Configuration
	path := filepath.Join(t.root, "openapi", "oapi-codegen.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		return cfg, err
	}
	if err := yaml.Unmarshal(data, &cfg); err != nil {
		return cfg, fmt.Errorf("%s: %w", path, err)
	}
	codegen.TemplateFunctions["sealed"] = sealed
	codegen.TemplateFunctions["sortedNames"] = sortedNames
	cfg.PackageName = t.models.name
	cfg.OutputOptions.SkipFmt = true // assemble formats what it makes of the source
	cfg.OutputOptions.UserTemplates = map[string]string{}
	for _, name := range templates {
		text, err := os.ReadFile(filepath.Join(t.root, "openapi", "templates", name))
		if err != nil {
			return cfg, err
		}
		cfg.OutputOptions.UserTemplates[name] = string(text)
	}
	return cfg.UpdateDefaults(), nil
}

// sealed reports whether a type is a union that becomes an interface (see sealRequestUnions).
func sealed(t codegen.TypeDefinition) bool { return isSealed(t.Schema) }

func isSealed(s codegen.Schema) bool {
	return s.OAPISchema != nil && s.OAPISchema.Extensions[sealedExtension] == true
}

func sortedNames(values map[string]string) []string { return slices.Sorted(maps.Keys(values)) }

// prime sets oapi-codegen's package-level options, on which its naming functions depend.
func prime(t target) error {
	cfg, err := config(t)
	if err != nil {
		return err
	}
	_, err = codegen.Generate(&openapi3.T{OpenAPI: "3.1.0", Info: &openapi3.Info{}, Paths: openapi3.NewPaths()}, cfg)
	return err
}
