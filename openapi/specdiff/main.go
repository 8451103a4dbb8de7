package main

import (
	_ "github.com/oasdiff/oasdiff/checker"
	_ "github.com/oasdiff/oasdiff/diff"
	_ "github.com/oasdiff/oasdiff/load"
	_ "github.com/getkin/kin-openapi/openapi3"
)

func main() {}
