package model

import (
	"fmt"
	"os"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"
)

// Configure reads the configuration of oapi-codegen and makes it that of its naming functions, which package dialect
// calls before anything is generated. They read variables of package codegen that only a run of its Generate sets, so
// this runs it on an empty document.
func Configure(path string) (codegen.Configuration, error) {
	var cfg codegen.Configuration
	data, err := os.ReadFile(path)
	if err != nil {
		return cfg, err
	}
	if err := yaml.Unmarshal(data, &cfg); err != nil {
		return cfg, fmt.Errorf("%s: %w", path, err)
	}
	cfg = cfg.UpdateDefaults()
	if err := cfg.Validate(); err != nil {
		return cfg, fmt.Errorf("%s: %w", path, err)
	}
	_, err = resolve(&openapi3.T{OpenAPI: "3.1.0", Info: &openapi3.Info{}, Paths: openapi3.NewPaths()}, cfg)
	return cfg, err
}

// definitions are what oapi-codegen makes of a document.
type definitions struct {
	types      []codegen.TypeDefinition // of the components
	operations []codegen.OperationDefinition
	enums      []codegen.EnumDefinition
}

// resolve runs oapi-codegen. Its templates, which would print Go, are replaced by calls of functions that take over the
// values that they are given.
func resolve(doc *openapi3.T, cfg codegen.Configuration) (definitions, error) {
	var d definitions
	codegen.TemplateFunctions["takeTypes"] = func(types []codegen.TypeDefinition) string {
		d.types = append(d.types, types...)
		return ""
	}
	codegen.TemplateFunctions["takeEnums"] = func(enums []codegen.EnumDefinition) string {
		d.enums = append(d.enums, enums...)
		return ""
	}
	codegen.TemplateFunctions["takeOperations"] = func(operations []codegen.OperationDefinition) string {
		d.operations = operations
		return ""
	}
	const nothing = "\n"             // a template of one line would be taken for the name of a file
	cfg.OutputOptions.SkipFmt = true // nothing is printed
	cfg.OutputOptions.UserTemplates = map[string]string{
		"typedef.tmpl":                         "{{takeTypes .Types}}\n",
		"constants.tmpl":                       "{{takeEnums .EnumDefinitions}}\n",
		"client-with-responses.tmpl":           "{{takeOperations .}}\n",
		"client.tmpl":                          nothing,
		"imports.tmpl":                         nothing,
		"param-types.tmpl":                     nothing,
		"request-bodies.tmpl":                  nothing,
		"union.tmpl":                           nothing,
		"union-and-additional-properties.tmpl": nothing,
		"additional-properties.tmpl":           nothing,
		"webhook-initiator.tmpl":               nothing,
		"callback-initiator.tmpl":              nothing,
	}
	_, err := codegen.Generate(doc, cfg)
	return d, err
}
