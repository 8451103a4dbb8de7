// Command generate turns an OpenAPI document into the Go client.
//
//	go run ./openapi/generate                      our contract -> gen/ and wrapper/names.gen.go
//	go run ./openapi/generate -spec PATH_OR_URL    any document -> one package of its own, gen/trial/
//
// oapi-codegen makes the models from the document that document.go prepares; the services come from our template,
// and codec.go writes the JSON codec of every model from the Go source of the models.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	spec := flag.String("spec", "", "path or URL of another document, generated into gen/trial/")
	root := flag.String("root", "", "folder of the module; found above the working folder when empty")
	flag.Parse()
	if err := run(*root, *spec); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(root, spec string) error {
	if root == "" {
		var err error
		if root, err = moduleRoot(); err != nil {
			return err
		}
	}
	t := contractTarget(root)
	if spec != "" {
		t = trialTarget(root, spec)
	}
	return generate(t)
}

func generate(t target) error {
	files, err := produce(t)
	if err != nil {
		return err
	}
	return writeFiles(t, files)
}

// produce makes the files of a target, by path.
func produce(t target) (map[string][]byte, error) {
	if err := prime(t); err != nil {
		return nil, err
	}
	doc, err := loadDocument(t.spec, t.overlays, t.strict)
	if err != nil {
		return nil, err
	}
	source, plan, err := generateSource(doc, t)
	if err != nil {
		return nil, err
	}
	return assemble(source, plan, doc, t)
}

// A target says what is read and where the parts of the client go.
type target struct {
	root     string   // folder of the module
	spec     string   // path or URL of the document
	overlays []string // applied in this order
	strict   map[string]bool
	models   outputPackage // models and their codec
	services outputPackage // the services that users hold
	aliases  bool          // the models are aliased into the package of the services
	anyNames bool          // methods whose names meet get others; elsewhere that is an error
}

type outputPackage struct {
	name   string // of the package clause
	folder string
	doc    string // package comment; none when another file has it
}

func contractTarget(root string) target {
	at := func(elem ...string) string { return filepath.Join(append([]string{root}, elem...)...) }
	contract := at("openapi", "overlay-contract.yaml")
	return target{
		root:     root,
		spec:     at("openapi", "dwolla.yaml"),
		overlays: []string{at("openapi", "overlay.yaml"), contract},
		strict:   map[string]bool{contract: true},
		models: outputPackage{name: "gen", folder: at("gen"), doc: "Package gen is the client of the Dwolla API v2 that is generated from openapi/dwolla.yaml: the models, their codec and the\n" +
			"services over a Caller.\n" +
			"It makes no promise of compatibility; import the package in wrapper, which names every model."},
		services: outputPackage{name: "dwolla", folder: at("wrapper")},
		aliases:  true,
	}
}

func trialTarget(root, spec string) target {
	trial := outputPackage{
		name: "trial", folder: filepath.Join(root, "gen", "trial"),
		doc: "Package trial is the client of another document, to look at and to compile; nothing imports it.",
	}
	return target{
		root:     root,
		spec:     spec,
		overlays: []string{filepath.Join(root, "openapi", "overlay.yaml")},
		models:   trial,
		services: trial,
		anyNames: true,
	}
}

// moduleRoot finds the folder of go.mod at or above the working folder.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no go.mod at or above the working folder")
		}
		dir = parent
	}
}
