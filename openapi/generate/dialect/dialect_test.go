package dialect

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/dwolla-go/dwolla-go/internal/leak"
	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }

func parse(t *testing.T, text string) tree.Object {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return tree.FromYAML(v).(tree.Object)
}

func same(t *testing.T, got any, want string) {
	t.Helper()
	if want := parse(t, want); !reflect.DeepEqual(got, any(want)) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const document = `
openapi: 3.1.0
info: {title: T, version: '1'}
paths: {/a: {get: {operationId: getA, responses: {200: {description: ok}}}}}
`

func TestADocumentIsReadWithItsOverlays(t *testing.T) {
	overlay := file(t, "o.yaml", `
overlay: 1.0.0
x-speakeasy-jsonpath: rfc9535
info: {title: O, version: '1'}
actions: [{target: "$.paths['/a'].get", update: {summary: Read}}]
`)
	doc, _, err := Read(file(t, "a.yaml", document), Overlay{Path: overlay, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.Paths.Value("/a").Get.Summary; got != "Read" {
		t.Errorf("the summary is %q", got)
	}
}

func TestAStrictOverlayMustFindWhatItChanges(t *testing.T) {
	overlay := file(t, "o.yaml", `
overlay: 1.0.0
x-speakeasy-jsonpath: rfc9535
info: {title: O, version: '1'}
actions: [{target: "$.paths['/none'].get", update: {summary: Read}}]
`)
	spec := file(t, "a.yaml", document)
	for _, strict := range []bool{false, true} {
		if _, _, err := Read(spec, Overlay{Path: overlay, Strict: strict}); (err != nil) != strict {
			t.Errorf("strict %t: %v", strict, err)
		}
	}
}

func TestHeadersAndCookiesAreNoParameters(t *testing.T) {
	root := parse(t, `
paths: {/a: {get: {parameters: [{$ref: '#/components/parameters/Accept'}, {in: cookie}, {in: query, name: q}]}}}
components: {parameters: {Accept: {in: header}}}
`)
	dropHeaders(root)
	same(t, root["paths"], `{/a: {get: {parameters: [{in: query, name: q}]}}}`)
}

func TestAFragmentNamesItsOperation(t *testing.T) {
	root := parse(t, `paths: {'/a#start-now': {post: {}}, '/b#x': {post: {x-go-method: Own}}}`)
	nameFragments(root)
	same(t, root["paths"], `{'/a#start-now': {post: {x-go-method: StartNow}}, '/b#x': {post: {x-go-method: Own}}}`)
}

func TestSchemasThatNothingReachesGo(t *testing.T) {
	ref := func(name string) string { return fmt.Sprintf("{$ref: '%s%s'}", tree.Schemas, name) }
	root := parse(t, strings.NewReplacer("A!", ref("A"), "B!", ref("B")).Replace(`
paths: {/a: {get: {schema: A!}}}
components: {schemas: {A: {properties: {b: B!}}, B: {x-leads-to: C}, C: {}, D: {properties: {b: B!}}}}
`))
	schemas := root["components"].(tree.Object)["schemas"].(tree.Object)
	prune(root, schemas)
	if len(schemas) != 3 || schemas["D"] != nil {
		t.Errorf("left are %v", schemas)
	}
}
