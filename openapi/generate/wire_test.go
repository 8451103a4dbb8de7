package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWire generates a document, calls its operations and looks at what they send.
func TestWire(t *testing.T) {
	dir := trialFolder(t)
	if err := generate(trialIn(dir, filepath.Join("testdata", "boats.yaml"))); err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(filepath.Join("testdata", "wire", "main.go.txt"))
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.Rel(root, dir)
	if err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(dir, "wire")
	if err := os.Mkdir(main, 0o750); err != nil {
		t.Fatal(err)
	}
	write(t, main, "main.go", strings.Replace(string(program), "PACKAGE", filepath.ToSlash(folder), 1))
	const want = `Boats.Create: POST /boats {"masts":2,"name":"Ann"}
created b1
Boats.Create: POST /boats {"engine":{"maker":{"name":"Cee"},"power":1.50},"name":"Bob"}
Boats.Update: POST /boats/b1 {"name":"Dee"}
Boats.Update: POST /boats/b1 {"scrapped":true}
Boats.Start: POST /boats/b1/trips
Boats.Finish: POST /boats/b1/trips
Boats.Finish: POST /boats/b1/trips {"price":{"value":"10.00","currency":"USD"}}
Papers.CreateForBoat: POST /boats/b1/papers file=licence.pdf kind=licence pages=3
Boats.List: GET /boats?limit=1&afloat=false&kind=sail&kind=oar
b1 Ann 5.00 /boats/b1 /boats?offset=1 /boats?offset=1
{"_embedded":{"boats":[{"_links":{"self":{"href":"/boats/b1"}},"id":"b1","name":"Ann","price":{"value":"5.00","currency":"USD"},"color":"red"}]},"_links":{"next":{"href":"/boats?offset=1"}},"total":2}
`
	if got := goTool(t, main, "run", "."); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
