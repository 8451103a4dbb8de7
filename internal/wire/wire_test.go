package wire_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// document is a file of testdata/documents, the corpus that the tables and the fuzz targets share.
type document struct {
	name string
	text []byte
}

func documents(tb testing.TB, folder string) []document {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "documents", folder, "*.json"))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no documents in %s: %v", folder, err)
	}
	var docs []document
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		docs = append(docs, document{strings.TrimSuffix(filepath.Base(path), ".json"), text})
	}
	return docs
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"accepted", "refused"} {
		for _, doc := range documents(t, folder) {
			t.Run(folder+"/"+doc.name, func(t *testing.T) {
				t.Parallel()
				err := wire.Unmarshal(doc.text, &tree{})
				if accepted := err == nil; accepted != (folder == "accepted") {
					t.Errorf("got %v", err)
				}
			})
		}
	}
}
