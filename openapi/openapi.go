// Package openapi holds the contract: Dwolla's API v2 as an OpenAPI 3.1 document.
//
// The client is generated from it: edit dwolla.yaml (facts of the API, free of any language), overlay/any.yaml
// (the Go shape, for any Dwolla document) or overlay/contract.yaml (the Go shape of this contract alone), then
// run go generate ./... or make generate.
package openapi

import _ "embed"

//go:generate go run ./generate

//go:embed dwolla.yaml
var contract []byte

// Contract returns the OpenAPI 3.1 document, in YAML. The bytes are the caller's own.
func Contract() []byte { return append([]byte(nil), contract...) }
