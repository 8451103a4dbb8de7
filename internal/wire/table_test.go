package wire_test

import (
	"encoding/json"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// everything is a model with a member of each kind.
type everything struct {
	Text     string
	Word     string
	Flag     bool
	Must     bool
	Count    int
	Big      int64
	Exact    json.Number
	Raw      json.RawMessage
	Names    map[string]string
	Words    []word
	Children []everything
	Maybe    *int
	Next     *everything
	Inner    inner
	Custom   account
	Other    foreign
	Extra    wire.Members
}

type (
	word    string
	foreign struct { // encoding/json reads and writes it
		A []float64 `json:"a,omitempty"`
	}
)

var everythingTable = wire.Table{Fields: []wire.Field{
	{Key: `"text":`, Kind: wire.String},
	{Key: `"word":`, Kind: wire.Interned},
	{Key: `"flag":`, Kind: wire.Bool},
	{Key: `"must":`, Kind: wire.Bool, Required: true},
	{Key: `"count":`, Kind: wire.Int},
	{Key: `"big":`, Kind: wire.Int64},
	{Key: `"exact":`, Kind: wire.Number},
	{Key: `"raw":`, Kind: wire.Raw},
	{Key: `"names":`, Kind: wire.StringMap},
	{Key: `"words":`, Kind: wire.StringList},
	{Key: `"children":`, Kind: wire.Array, Elem: wire.Nested},
	{Key: `"maybe":`, Kind: wire.Pointer, Elem: wire.Int},
	{Key: `"next":`, Kind: wire.Pointer, Elem: wire.Nested},
	{Key: `"inner":`, Kind: wire.Nested},
	{Key: `"custom":`, Kind: wire.Custom},
	{Key: `"version":`, Kind: wire.Const, Const: `"v1"`},
	{Key: `"other":`, Kind: wire.Other},
}}

func (v *everything) WireTable() *wire.Table { return &everythingTable }
func (v *everything) WirePlaces(p []any) []any {
	return append(p, &v.Text, &v.Word, &v.Flag, &v.Must, &v.Count, &v.Big, &v.Exact, &v.Raw, &v.Names,
		(*wire.StringsOf[word])(&v.Words), (*wire.List[everything])(&v.Children), wire.PointerTo[int]{Place: &v.Maybe},
		wire.PointerTo[everything]{Place: &v.Next}, &v.Inner, &v.Custom, nil, &v.Other, &v.Extra)
}

type inner struct {
	ID    string
	Extra wire.Members
}

var innerTable = wire.Table{Fields: []wire.Field{{Key: `"id":`, Kind: wire.String}}}

func (v *inner) WireTable() *wire.Table   { return &innerTable }
func (v *inner) WirePlaces(p []any) []any { return append(p, &v.ID, &v.Extra) }

func TestAModelKeepsEachKindOfMember(t *testing.T) {
	t.Parallel()
	const text = `{"text":"a","word":"open","flag":true,"must":false,"count":-1,"big":9007199254740993,"exact":1.50,` +
		`"raw":{"x": 1},"names":{"a":"1","b":"2"},"words":["x","y"],"children":[{"must":true,"version":"v1"},{"text":"c",` +
		`"must":false,"children":[{"must":false,"version":"v1"}],"version":"v1"}],"maybe":0,"next":{"must":false,` +
		`"inner":{"id":"deep","z":0},"version":"v1"},"inner":{"id":"i"},"custom":{"id":"c","total":2},"version":"v1",` +
		`"other":{"a":[1.5]},"new":null}`
	var v everything
	if err := wire.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	if v.Next.Inner.ID != "deep" || v.Children[1].Children[0].Must || *v.Maybe != 0 || v.Words[1] != "y" || v.Custom.Total != 2 {
		t.Errorf("got %+v", v)
	}
	if again, err := wire.Marshal(&v); err != nil || string(again) != text {
		t.Errorf("got  %s, %v\nwant %s", again, err, text)
	}
}

func TestAZeroModelIsWrittenWithWhatItMustHave(t *testing.T) {
	t.Parallel()
	if text, err := wire.Marshal(&everything{}); err != nil || string(text) != `{"must":false,"version":"v1"}` {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestAModelRefusesWhatItsKindsDo(t *testing.T) {
	t.Parallel()
	for text, path := range map[string]string{
		`{"inner":{"id":"a","id":"b"}}`:                  "/inner/id",
		`{"inner":{"x":1,"x":1}}`:                        "/inner/x",
		`{"children":[{},{"next":{"count":1.5}}]}`:       "/children/1/next/count",
		`{"next":{"words":["a",1]}}`:                     "/next/words/1",
		`{"version":"v2","version":"v2"}`:                "/version",
		`{"next":{"children":{}}}`:                       "/next/children",
		`{"children":[{"inner":{"id":"a"}},{"flag":0}]}`: "/children/1/flag",
	} {
		err := wire.Unmarshal([]byte(text), new(everything))
		if decodeErr, ok := err.(*wire.DecodeError); !ok || decodeErr.Path != path { //nolint:errorlint // it is not wrapped
			t.Errorf("%s: got %v, want it at %s", text, err, path)
		}
	}
}

// A model that nests in itself has its places among those of the models around it, more than there is memory for at first.
func TestARecursiveModelIsReadAndWrittenAtEachDepth(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{1, 2, 3, 30, 500} {
		text := strings.Repeat(`{"text":"t","must":false,"next":`, depth) + `{"must":true,"version":"v1"}` +
			strings.Repeat(`,"inner":{"id":"after"},"version":"v1","x":[]}`, depth)
		var v everything
		if err := wire.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		for at, left := &v, depth; left > 0; at, left = at.Next, left-1 {
			if at.Text != "t" || at.Inner.ID != "after" || string(at.Extra["x"]) != "[]" {
				t.Fatalf("of %d, %d from the end: %+v", depth, left, at)
			}
		}
		if again, err := wire.Marshal(&v); err != nil || string(again) != text {
			t.Errorf("depth %d: got %.200s …, %v", depth, again, err)
		}
	}
	deep := strings.Repeat(`{"next":`, 512) + "{}" + strings.Repeat("}", 512)
	if err := wire.Unmarshal([]byte(deep), new(everything)); err == nil {
		t.Error("a model of 513 levels was read")
	}
}

// panics is a model with a member that panics.
type panics struct {
	Inner inner
	Bomb  bomb
	Extra wire.Members
}

var panicsTable = wire.Table{Fields: []wire.Field{{Key: `"inner":`, Kind: wire.Nested}, {Key: `"bomb":`, Kind: wire.Custom}}}

func (v *panics) WireTable() *wire.Table   { return &panicsTable }
func (v *panics) WirePlaces(p []any) []any { return append(p, &v.Inner, &v.Bomb, &v.Extra) }

type bomb struct{}

func (*bomb) DecodeWire(*wire.Decoder) { panic("decode") }
func (*bomb) EncodeWire(*wire.Encoder) { panic("encode") }

func TestAPanicInAMemberSpoilsNoLaterCall(t *testing.T) {
	const text = `{"id":"a"}`
	for range 100 {
		for want, call := range map[string]func(){
			"decode": func() { _ = wire.Unmarshal([]byte(`{"inner":{"id":"x"},"bomb":1}`), new(panics)) },
			"encode": func() { _, _ = wire.Marshal(&panics{Inner: inner{ID: "x"}}) },
		} {
			func() {
				defer func() {
					if got := recover(); got != want {
						t.Errorf("got the panic %v, want %s", got, want)
					}
				}()
				call()
			}()
		}
		var v inner
		if err := wire.Unmarshal([]byte(text), &v); err != nil || !reflect.DeepEqual(v, inner{ID: "a"}) {
			t.Fatalf("got %+v, %v", v, err)
		}
		if again, err := wire.Marshal(&v); err != nil || string(again) != text {
			t.Fatalf("got %s, %v", again, err)
		}
	}
}

func TestThePoolsKeepNoModelAlive(t *testing.T) {
	freed := make(chan struct{}, 2)
	func() {
		v := new(everything)
		if err := wire.Unmarshal([]byte(`{"next":{"inner":{"id":"a"}}}`), v); err != nil {
			t.Fatal(err)
		}
		if _, err := wire.Marshal(v); err != nil {
			t.Fatal(err)
		}
		runtime.AddCleanup(v, func(struct{}) { freed <- struct{}{} }, struct{}{})
		runtime.AddCleanup(v.Next, func(struct{}) { freed <- struct{}{} }, struct{}{})
	}()
	runtime.GC() // a pool holds what is in it for one collection, so this one must do
	for range 2 {
		select {
		case <-freed:
		case <-time.After(10 * time.Second):
			t.Fatal("a pool refers to a model")
		}
	}
}
