package tree

import (
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/leak"
)

func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }

func TestMapsOfYAMLBecomeObjects(t *testing.T) {
	got := FromYAML(map[any]any{200: []any{map[any]any{"a": time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}}})
	want := Object{"200": []any{Object{"a": "2026-01-02T00:00:00Z"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAWalkMeetsEveryObjectButExamples(t *testing.T) {
	root := Object{"name": "root", "list": []any{Object{"name": "inner"}}, "example": Object{"name": "example"}}
	var met []string
	Walk(root, func(o Object) { met = append(met, o["name"].(string)) })
	if !slices.Equal(met, []string{"inner", "root"}) {
		t.Errorf("met %v", met)
	}
}

func TestAChildIsMadeWhereThereIsNone(t *testing.T) {
	o := Object{}
	Child(o, "a")["b"] = 1
	if !reflect.DeepEqual(o, Object{"a": Object{"b": 1}}) || Child(o, "a")["b"] != 1 {
		t.Errorf("got %v", o)
	}
}

func TestACloneSharesNothing(t *testing.T) {
	o := Object{"list": []any{Object{"a": 1}}}
	c := Clone(o).(Object)
	c["list"].([]any)[0].(Object)["a"] = 2
	if o["list"].([]any)[0].(Object)["a"] != 1 {
		t.Error("a change of the copy is one of the original")
	}
}

func TestStringsLeavesOutWhatIsNone(t *testing.T) {
	if got := Strings([]any{"a", 1, "b"}); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %v", got)
	}
}

func TestOperationsAreByMethod(t *testing.T) {
	got := Operations(Object{"get": Object{"operationId": "a"}, "parameters": []any{}, "post": Object{}})
	if len(got) != 2 || got["get"]["operationId"] != "a" || got["post"] == nil {
		t.Errorf("got %v", got)
	}
}
