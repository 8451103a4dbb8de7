// Command generate turns an OpenAPI document into a Go client.
//
//	go run ./openapi/generate                      our contract -> gen/ and wrapper/names.gen.go
//	go run ./openapi/generate -spec PATH_OR_URL    any document -> gen/trial/
//
// It reads (package dialect: any document becomes the one form that the rest knows), makes values of what was read
// (package model, on oapi-codegen) and writes them (package write: a template per file).
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dwolla-go/dwolla-go/openapi/generate/dialect"
	"github.com/dwolla-go/dwolla-go/openapi/generate/model"
	"github.com/dwolla-go/dwolla-go/openapi/generate/write"
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
	t := contract(root)
	if spec != "" {
		t = trial(root, spec)
	}
	return t.generate()
}

// A target says what is read and where the client goes.
type target struct {
	root     string // folder of the module
	spec     string // path or URL of the document
	overlays []dialect.Overlay
	client   write.Package
	wrapper  string // folder of the hand-written package that names what is generated; none when empty
}

func contract(root string) target {
	openapi := filepath.Join(root, "openapi")
	return target{
		root: root,
		spec: filepath.Join(openapi, "dwolla.yaml"),
		overlays: []dialect.Overlay{
			{Path: filepath.Join(openapi, "overlay", "any.yaml")},
			{Path: filepath.Join(openapi, "overlay", "contract.yaml"), Strict: true},
		},
		client: write.Package{
			Name: "gen", Folder: filepath.Join(root, "gen"),
			Doc: "Package gen is the client of the Dwolla API v2 that is generated from openapi/dwolla.yaml: models with their codec, " +
				"parameters, pages and services over a Caller. It makes no promise of compatibility; import the package in wrapper, " +
				"which names all of it.",
		},
		wrapper: filepath.Join(root, "wrapper"),
	}
}

func trial(root, spec string) target {
	return target{
		root:     root,
		spec:     spec,
		overlays: []dialect.Overlay{{Path: filepath.Join(root, "openapi", "overlay", "any.yaml")}},
		client: write.Package{
			Name: "trial", Folder: filepath.Join(root, "gen", "trial"),
			Doc: "Package trial is the client of another document, to look at and to compile; nothing imports it.",
		},
	}
}

// byHand are the services that wrapper/services.go writes: they have more methods than the generated ones.
var byHand = []string{"MassPaymentsService", "TransfersService"}

func (t target) generate() error {
	files, err := t.print()
	if err != nil {
		return err
	}
	folders := []string{t.client.Folder}
	if t.wrapper != "" {
		folders = append(folders, t.wrapper)
	}
	return write.Replace(files, folders...)
}

// model reads the document and makes the client of it.
func (t target) model() (*model.Client, error) {
	cfg, err := model.Configure(filepath.Join(t.root, "openapi", "oapi-codegen.yaml"))
	if err != nil {
		return nil, err
	}
	doc, source, err := dialect.Read(t.spec, t.overlays...)
	if err != nil {
		return nil, err
	}
	return model.New(doc, source, cfg, model.Options{Rename: t.wrapper == ""})
}

// print makes the files, by path.
func (t target) print() (map[string][]byte, error) {
	client, err := t.model()
	if err != nil {
		return nil, err
	}
	files := write.Client(client, t.client)
	if t.wrapper != "" {
		files = append(files,
			write.File{
				Path: filepath.Join(t.wrapper, "names.gen.go"), Package: "dwolla", Template: "names",
				Data: write.Names{Client: client, Written: byHand},
			},
			write.File{
				Path: filepath.Join(t.wrapper, "models_gen_test.go"), Package: "dwolla_test", Template: "models_test", Data: client,
			})
	}
	return write.Print(files, write.Options{Strict: t.wrapper != ""})
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
