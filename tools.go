//go:build tools

// Package tools pins the generator. Every other tool runs at the version that the Makefile names.
package tools

import (
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
)
