//go:build tools

// Package tools pins the generator. Every other tool runs at the version that the Makefile names.
package tools

import (
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
	_ "github.com/oapi-codegen/runtime" // of trial clients whose parameters have unusual styles, and of TestImportWeight
)
