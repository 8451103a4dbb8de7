package model

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

func operation(method, path, tag string, extensions map[string]any) codegen.OperationDefinition {
	spec := &openapi3.Operation{Extensions: extensions}
	if tag != "" {
		spec.Tags = []string{tag}
	}
	return codegen.OperationDefinition{Method: method, Path: path, Spec: spec}
}

func TestMethodNames(t *testing.T) {
	tests := map[string]struct {
		op   codegen.OperationDefinition
		list bool
		want string
	}{
		"one of the group's own things":       {operation("GET", "/boats/{id}", "boats", nil), false, "Get"},
		"all of them":                         {operation("GET", "/boats", "boats", nil), true, "List"},
		"a list that is no page":              {operation("GET", "/boats", "boats", nil), false, "Get"},
		"a new one":                           {operation("POST", "/boats", "boats", nil), false, "Create"},
		"POST to one changes it":              {operation("POST", "/boats/{id}", "boats", nil), false, "Update"},
		"PUT changes too":                     {operation("PUT", "/boats/{id}", "boats", nil), false, "Update"},
		"DELETE":                              {operation("DELETE", "/boats/{id}", "boats", nil), false, "Delete"},
		"an owner's things":                   {operation("GET", "/harbours/{id}/boats", "boats", nil), true, "ListForHarbour"},
		"a new one for an owner":              {operation("POST", "/harbours/{id}/boats", "boats", nil), false, "CreateForHarbour"},
		"an owner with a y":                   {operation("GET", "/ferries/{id}/boats", "boats", nil), true, "ListForFerry"},
		"the parts of one":                    {operation("GET", "/boats/{id}/sails", "boats", nil), true, "ListSails"},
		"a state of one":                      {operation("GET", "/boats/{id}/course", "boats", nil), false, "GetCourse"},
		"one part":                            {operation("GET", "/sails/{id}", "boats", nil), false, "GetSail"},
		"a new part":                          {operation("POST", "/boats/{id}/sails", "boats", nil), false, "CreateSail"},
		"a tag of two words":                  {operation("GET", "/lost-boats/{id}", "lost boats", nil), false, "Get"},
		"an initialism":                       {operation("POST", "/boats/{id}/kba", "boats", nil), false, "CreateKBA"},
		"a fragment is no part of the path":   {operation("GET", "/boats/{id}#again", "boats", nil), false, "Get"},
		"the root":                            {operation("GET", "/", "root", nil), false, "Get"},
		"no tag":                              {operation("GET", "/boats", "", nil), true, "ListBoats"},
		"nothing but a parameter":             {operation("GET", "/{id}", "", nil), false, "Get"},
		"a method that has no verb":           {operation("TRACE", "/boats", "boats", nil), false, "Trace"},
		"a name that an overlay gives":        {operation("POST", "/boats/{id}", "boats", map[string]any{"x-go-method": "Sink"}), false, "Sink"},
		"deposits of the micro kind are many": {operation("POST", "/boats/{id}/micro-deposits", "boats", nil), false, "CreateMicroDeposits"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := methodName(tt.op, tt.list); got != tt.want {
				t.Errorf("%s %s is %s, want %s", tt.op.Method, tt.op.Path, got, tt.want)
			}
		})
	}
}

func TestServiceNames(t *testing.T) {
	tests := map[string]struct {
		op   codegen.OperationDefinition
		want string
	}{
		"the tag":                      {operation("GET", "/boats", "lost boats", nil), "LostBoats"},
		"an initialism":                {operation("GET", "/boats", "kba", nil), "KBA"},
		"no tag: the path":             {operation("GET", "/lost-boats/{id}", "", nil), "LostBoats"},
		"no tag and no word in it":     {operation("GET", "/{id}", "", nil), "Root"},
		"a name that an overlay gives": {operation("GET", "/boats", "boats", map[string]any{"x-go-service": "Fleet"}), "Fleet"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := serviceField(tt.op); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
