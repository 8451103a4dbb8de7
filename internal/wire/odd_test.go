package wire_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

func TestWhatAPlaceCannotHoldIsKeptAndWrittenBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ in, out string }{
		"a text":                     {`{"text":"\ud83d","must":true,"version":"v1"}`, ""},
		"a word":                     {"{\"word\":\"\xff\",\"must\":true,\"version\":\"v1\"}", ""},
		"an integer in a text":       {`{"must":true,"count":"2","version":"v1"}`, ""},
		"a wide integer with a zero": {`{"must":true,"big":2.0,"version":"v1"}`, ""},
		"a zero with a zero":         {`{"must":true,"count":0.0,"version":"v1"}`, ""},
		"metadata":                   {`{"must":true,"names":{"b": 1,"a":null},"version":"v1"}`, ""},
		"no metadata":                {`{"must":true,"names":[{}],"version":"v1"}`, ""},
		"a list of words":            {`{"must":true,"words":["x", "\ud83d"],"version":"v1"}`, ""},
		"an empty list for a model":  {`{"must":true,"inner":[ ],"version":"v1"}`, ""},
		"deep in a list":             {`{"must":true,"children":[{"text":"\ud83d","must":false,"version":"v1"}],"version":"v1"}`, ""},
		"behind a pointer":           {`{"must":true,"maybe":"7","next":{"must":false,"inner":{"id":"\ud83d"},"version":"v1"},"version":"v1"}`, ""},
		"a type of its own":          {`{"must":true,"custom":{"id":"\ud83d"},"version":"v1"}`, ""},
		"raw":                        {"{\"must\":true,\"raw\":[\"\xff\\ud83d\"],\"version\":\"v1\"}", ""},
		"unknown":                    {"{\"must\":true,\"version\":\"v1\",\"x\":[\"\xff\\ud83d\"]}", ""},
		"a constant":                 {`{"must":true,"version":"\ud83d"}`, `{"must":true,"version":"v1"}`},
		"a name":                     {`{"must":true,"version":"v1","\ud83d":1}`, `{"must":true,"version":"v1","` + "\ufffd" + `":1}`},
		"space around it":            {`{"must":true, "count" : "2" ,"version":"v1"}`, `{"must":true,"count":"2","version":"v1"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.out == "" {
				test.out = test.in
			}
			var v everything
			if err := wire.Unmarshal([]byte(test.in), &v); err != nil {
				t.Fatal(err)
			}
			if out, err := wire.Marshal(&v); err != nil || string(out) != test.out {
				t.Errorf("got  %s, %v\nwant %s", out, err, test.out)
			}
		})
	}
}

func TestWhatIsKeptBelowIsNotKeptAgainAbove(t *testing.T) {
	t.Parallel()
	var v everything
	err := wire.Unmarshal([]byte(`{"custom":{"x":"\ud83d"},"inner":{"id":"\ud83d"},"version":"\ud83d","children":[{"text":"\ud83d"}],"y":"\ud83d"}`), &v)
	if want := (wire.Members{"y": json.RawMessage(`"\ud83d"`)}); err != nil || !reflect.DeepEqual(v.Extra, want) || len(v.Inner.Extra) != 1 || len(v.Custom.Extra) != 1 {
		t.Errorf("%v, %+v", err, v)
	}
}

func TestAMemberThatHasChangedIsNotWrittenBesideWhatWasKept(t *testing.T) {
	t.Parallel()
	v := everything{Extra: wire.Members{"count": json.RawMessage(`"2"`)}}
	if out, err := wire.Marshal(&v); err != nil || string(out) != `{"must":false,"version":"v1","count":"2"}` {
		t.Errorf("a member that is not set: %s, %v", out, err)
	}
	for _, count := range []int{1, 3} {
		v.Count = count
		if out, err := wire.Marshal(&v); err == nil {
			t.Errorf("written as %s", out)
		}
	}
	v.Count = 2
	if out, err := wire.AppendRequest(nil, &v); err == nil {
		t.Errorf("sent as %s", out)
	}
}

// sheet is a page of a list.
type sheet struct {
	Embedded folder
	Extra    wire.Members
}

type folder struct {
	Items []inner
	Extra wire.Members
}

var (
	sheetTable  = wire.Table{Fields: []wire.Field{{Key: `"_embedded":`, Kind: wire.Nested}}}
	folderTable = wire.Table{Fields: []wire.Field{{Key: `"items":`, Kind: wire.Array, Elem: wire.Nested}}}
)

func (v *sheet) WireTable() *wire.Table    { return &sheetTable }
func (v *sheet) WirePlaces(p []any) []any  { return append(p, &v.Embedded, &v.Extra) }
func (v *folder) WireTable() *wire.Table   { return &folderTable }
func (v *folder) WirePlaces(p []any) []any { return append(p, (*wire.List[inner])(&v.Items), &v.Extra) }

func TestAPageIsReadAroundWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	const in = `{"_embedded":{"items":[{"id":"a"}, {"id":"b","id":"c"} ,{"id":"d","x":[1]},null,{"x":1,"x":2},{"id":"e"}]},"z":1}`
	var page sheet
	odd, err := wire.UnmarshalPage([]byte(in), &page)
	if err != nil || len(odd) != 3 || string(page.Extra["z"]) != "1" {
		t.Fatalf("%v, %v", odd, err)
	}
	want := []inner{{ID: "a"}, {}, {ID: "d", Extra: wire.Members{"x": json.RawMessage(`[1]`)}}, {}, {}, {ID: "e"}}
	if !reflect.DeepEqual(page.Embedded.Items, want) {
		t.Errorf("got %+v", page.Embedded.Items)
	}
	for i, want := range []struct {
		index     int
		raw, path string
	}{{1, `{"id":"b","id":"c"}`, "/_embedded/items/1/id"}, {3, `null`, "/_embedded/items/3"}, {4, `{"x":1,"x":2}`, "/_embedded/items/4/x"}} {
		if got := odd[i]; got.Index != want.index || string(got.Raw) != want.raw || got.Err.(*wire.DecodeError).Path != want.path { //nolint:errorlint // it is not wrapped
			t.Errorf("got %+v", got)
		}
	}
	if err := wire.Unmarshal([]byte(in), new(sheet)); err == nil {
		t.Error("Unmarshal reads it, too")
	}
}

func TestAPageThatIsNoJSONIsNone(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		`{"_embedded":{"items":[{"id":1},{"id":nope}]}}`, `{"_embedded":{"items":[{"id":1]}}`, `{"_embedded":{"items":[{"id":1}`, `{"_embedded":{"items":[7 7]}}`,
		`{"_embedded":{"items":[` + strings.Repeat("7,", 200) + `7]}}`, `{"_embedded":{"items":[],"items":[]}}`, `{"_embedded":{"items":"x"}}`, `[{"id":1}]`,
	} {
		if odd, err := wire.UnmarshalPage([]byte(in), new(sheet)); err == nil {
			t.Errorf("%.60s: got %v", in, odd)
		}
	}
}

func TestASalvagedModelHasWhatCanBeRead(t *testing.T) {
	t.Parallel()
	const in = `{"text":7,"word":"w","x":1,"x":2,"inner":{"id":1},"next":{"flag":0},"maybe":[],"flag":true,"flag":false,"count":"3","names":[1],"version":"v2"}`
	want := everything{Word: "w", Count: 3, Extra: wire.Members{
		"text": json.RawMessage(`7`), "x": json.RawMessage(`2`), "inner": json.RawMessage(`{"id":1}`), "next": json.RawMessage(`{"flag":0}`),
		"maybe": json.RawMessage(`[]`), "flag": json.RawMessage(`false`), "count": json.RawMessage(`"3"`), "names": json.RawMessage(`[1]`),
	}}
	var got everything
	if err := wire.Salvage([]byte(in), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
	for _, in := range []string{``, `null`, `[]`, `{"a":nope}`, `{"a":1} x`, `{"a":1`} {
		if err := wire.Salvage([]byte(in), new(everything)); err == nil {
			t.Errorf("%q is salvaged", in)
		}
	}
}
