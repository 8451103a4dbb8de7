package write

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/leak"
	"github.com/dwolla-go/dwolla-go/openapi/generate/model"
)

func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }

// boat is a model with a text and an enumeration.
func boat() *model.Client {
	kind := &model.Type{Name: "Kind", Description: "A kind.", Form: model.Defined, Is: model.GoType{Go: "string"}, Values: []model.Value{{Name: "KindSail", Go: `"sail"`}}}
	boat := &model.Type{Name: "Boat", Description: "A boat.", Form: model.Struct, Fields: []*model.Field{
		{JSON: "id", Name: "ID", Description: "Its id.", Type: model.GoType{Go: "string"}},
		{JSON: "kind", Name: "Kind", Type: model.GoType{Go: "Kind", Named: kind}},
		{JSON: "tag", Constant: "t"},
	}}
	return &model.Client{Types: []*model.Type{kind, boat}}
}

func TestEveryTemplateGivesAFile(t *testing.T) {
	files, err := Print(Client(boat(), Package{Name: "boats", Folder: "x", Doc: "Package boats is a test."}), Options{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(maps.Keys(files))
	if len(names) != 7 || names[0] != filepath.Join("x", "codec.gen.go") {
		t.Errorf("the files are %v", names)
	}
	models := string(files[filepath.Join("x", "models.gen.go")])
	for _, want := range []string{
		"// Package boats is a test.\npackage boats\n", "\n// Boat is a boat.\ntype Boat struct {\n\t// Its id.\n\tID string `json:\"id\"`\n\n",
		"KindSail Kind = \"sail\"", "Extra api.Extra `json:\"-\"`", "import (\n\t\"github.com/dwolla-go/dwolla-go/api\"\n)",
	} {
		if !strings.Contains(strings.ReplaceAll(models, "ID   string", "ID string"), want) {
			t.Errorf("the models do not have %q:\n%s", want, models)
		}
	}
	if codec := string(files[filepath.Join("x", "codec.gen.go")]); !strings.Contains(codec, `{Key: `+"`\"tag\":`"+`, Kind: wire.Const, Const: "\"t\""}`) {
		t.Errorf("the codec does not write the constant:\n%s", codec)
	}
}

func TestImportsAreThoseThatTemplatesName(t *testing.T) {
	i := imports{}
	i.add("fmt")
	i.add("internal/wire")
	i.add("github.com/oapi-codegen/runtime")
	i.of("map[string]json.RawMessage")
	const want = "import (\n\t\"encoding/json\"\n\t\"fmt\"\n\n\t\"github.com/oapi-codegen/runtime\"\n\n\t\"github.com/dwolla-go/dwolla-go/internal/wire\"\n)\n\n"
	if got := i.String(); got != want {
		t.Errorf("got\n%s", got)
	}
	if got := (imports{}).String(); got != "" {
		t.Errorf("no imports are %q", got)
	}
}

func TestReplaceRemovesWhatIsNoLongerGenerated(t *testing.T) {
	dir := t.TempDir()
	old, kept, made := filepath.Join(dir, "old.gen.go"), filepath.Join(dir, "hand.go"), filepath.Join(dir, "new.gen.go")
	for _, path := range []string{old, kept} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Replace(map[string][]byte{made: []byte("x")}, dir); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{old: false, kept: true, made: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}
