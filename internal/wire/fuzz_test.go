package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// stricter are the problems for which the codec may refuse what encoding/json takes.
var stricter = []string{
	"expected a value, found null", "duplicate member", "nested too deeply",
}

func addSeeds(f *testing.F) {
	f.Helper()
	for _, doc := range append(documents(f, "accepted"), documents(f, "refused")...) {
		if len(doc.text) < 4096 { // long ones only slow the fuzzer down
			f.Add(doc.text)
		}
	}
	f.Add([]byte(`{"id":"x","status":null,"removed":true,"total":1.0,"x":[1.50]}`))
}

// Whatever we accept encoding/json accepts, with the same value; what we alone refuse we refuse on purpose.
func FuzzDecodeAgreesWithEncodingJSON(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var got tree
		err := wire.Unmarshal(data, &got)
		want, stdErr := standard(data)
		if err == nil {
			if stdErr != nil || !reflect.DeepEqual(got.v, want) {
				t.Fatalf("accepted as %#v; encoding/json: %#v, %v", got.v, want, stdErr)
			}
			return
		}
		decodeErr, ok := errors.AsType[*wire.DecodeError](err)
		if !ok {
			t.Fatalf("%T, want a *DecodeError", err)
		}
		if stdErr == nil && !slices.Contains(stricter, decodeErr.Problem) {
			t.Fatalf("refused what encoding/json takes: %v", err)
		}
	})
}

// standard decodes data with encoding/json.
func standard(data []byte) (v any, err error) {
	if !json.Valid(data) {
		return nil, errors.New("not valid")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	err = dec.Decode(&v)
	return v, err
}

// What is decoded and encoded again is the same JSON value, by our own reading and by encoding/json's.
func FuzzEncodeGivesTheValueBack(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var before, after tree
		if wire.Unmarshal(data, &before) != nil {
			return
		}
		text, err := wire.Marshal(&before)
		if err != nil {
			t.Fatalf("cannot encode %#v: %v", before.v, err)
		}
		if err := wire.Unmarshal(text, &after); err != nil || !reflect.DeepEqual(before, after) {
			t.Fatalf("%s: got %#v, %v, want %#v", text, after.v, err, before.v)
		}
		if want, err := standard(text); err != nil || !reflect.DeepEqual(before.v, want) {
			t.Fatalf("%s: encoding/json has %#v, %v, want %#v", text, want, err, before.v)
		}
		again, err := wire.Marshal(&after)
		if err != nil || !bytes.Equal(again, text) {
			t.Fatalf("got %s, then %s, %v", text, again, err)
		}
	})
}

// Any string is either refused as invalid UTF-8 or written so that both readers give it back.
func FuzzEncodeString(f *testing.F) {
	for _, seed := range []string{"", "plain text of some length", "\"\\/\b\f\n\r\t\x00\x1f\x7f", "<é\u2028😀\ufffd>", "\xff", "a\xed\xa0\x80"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for method, write := range map[string]func(*wire.Encoder){
			"String": func(e *wire.Encoder) { e.String(s) },
			"Any":    func(e *wire.Encoder) { e.Any(s) },
		} {
			text, err := wire.Marshal(encodeFunc(write))
			if (err == nil) != utf8.ValidString(s) {
				t.Fatalf("%s: %q is valid: %v, got %v", method, s, utf8.ValidString(s), err)
			}
			if err != nil {
				continue
			}
			var std string
			if err := json.Unmarshal(text, &std); err != nil || std != s {
				t.Fatalf("%s: %s: encoding/json has %q, %v", method, text, std, err)
			}
			if d := wire.NewDecoder(text); d.String() != s || d.Err() != nil {
				t.Fatalf("%s: %s: %v", method, text, d.Err())
			}
		}
	})
}

// Raw takes the exact text of one value, and the encoder takes it back unless it has half of a surrogate pair or invalid
// UTF-8, which are refused.
func FuzzRawKeepsTheText(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var raw json.RawMessage
		if wire.Unmarshal(data, decodeFunc(func(d *wire.Decoder) { raw = d.Raw() })) != nil {
			return
		}
		if want := bytes.Trim(data, " \t\r\n"); !bytes.Equal(raw, want) {
			t.Fatalf("got %q, want %q", raw, want)
		}
		text, err := wire.Marshal(encodeFunc(func(e *wire.Encoder) { e.Raw(raw) }))
		if half := bytes.Contains(bytes.ToLower(raw), []byte(`\ud`)); err == nil && !bytes.Equal(text, raw) || err != nil && utf8.Valid(raw) && !half {
			t.Fatalf("got %q, %v, want %q", text, err, raw)
		}
		if !json.Valid(raw) || err == nil && !utf8.Valid(raw) {
			t.Fatalf("took %q", raw)
		}
	})
}

// Known and unknown members of an object survive a round trip, whatever the document.
func FuzzMembersRoundTrip(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var before, after account
		if wire.Unmarshal(data, &before) != nil {
			return
		}
		text, err := wire.Marshal(&before)
		if err != nil {
			t.Fatalf("cannot encode %+v: %v", before, err)
		}
		if err := wire.Unmarshal(text, &after); err != nil || !reflect.DeepEqual(before, after) {
			t.Fatalf("%s: got %+v, %v, want %+v", text, after, err, before)
		}
	})
}

// The path of an error points into the document, where the document is well-formed enough to follow it.
func FuzzErrorPath(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range []wire.Unmarshaler{new(tree), new(account), decodeFunc((*wire.Decoder).Skip)} {
			err := wire.Unmarshal(data, v)
			if err == nil {
				continue
			}
			decodeErr, ok := errors.AsType[*wire.DecodeError](err)
			if !ok {
				t.Fatalf("%T, want a *DecodeError", err)
			}
			if decodeErr.Offset < 0 || decodeErr.Offset > len(data) || decodeErr.Problem == "" {
				t.Fatalf("nowhere: %v", err)
			}
			if !json.Valid(data) || !utf8.Valid(data) {
				continue
			}
			known := map[string]bool{}
			if addPointers(json.NewDecoder(bytes.NewReader(data)), "", known); !known[decodeErr.Path] {
				t.Fatalf("not in the document: %v", err)
			}
		}
	})
}

// addPointers adds the JSON pointers of the next value of dec, which is at path, and of all values within it.
func addPointers(dec *json.Decoder, path string, known map[string]bool) {
	known[path] = true
	token, _ := dec.Token()
	if token != json.Delim('{') && token != json.Delim('[') {
		return
	}
	for i := 0; dec.More(); i++ {
		step := strconv.Itoa(i)
		if token == json.Delim('{') {
			name, _ := dec.Token()
			step = strings.NewReplacer("~", "~0", "/", "~1").Replace(name.(string))
		}
		addPointers(dec, path+"/"+step, known)
	}
	_, _ = dec.Token() // the closing bracket
}

// A page is read around its odd entries where it is JSON, and as Unmarshal reads it where there are none.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		`{"_embedded":{"items":[{"id":"a"},{"id":"b","id":"c"},null,7,[],{"id":"\ud83d"}]},"x":1}`, `{"_embedded":{"items":{"id":1}}}`, `{"_embedded":[]}`, `{"_embedded":{"items":[{"id":nope}]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var plain, page, salvaged sheet
		plainErr := wire.Unmarshal(data, &plain)
		odd, err := wire.UnmarshalPage(data, &page)
		if salvageErr := wire.Salvage(data, &salvaged); plainErr == nil && salvageErr != nil || salvageErr == nil && !json.Valid(data) {
			t.Fatalf("salvaged: %v, read: %v", salvageErr, plainErr)
		}
		if err != nil {
			if plainErr == nil {
				t.Fatalf("a page that Unmarshal reads is refused: %v", err)
			}
			return
		}
		for _, o := range odd {
			if !json.Valid(o.Raw) || !reflect.DeepEqual(page.Embedded.Items[o.Index], inner{}) {
				t.Fatalf("entry %d is %+v of %q", o.Index, page.Embedded.Items[o.Index], o.Raw)
			}
		}
		if !json.Valid(data) || len(odd) == 0 && (plainErr != nil || !reflect.DeepEqual(page, plain)) {
			t.Fatalf("read as %+v; Unmarshal: %+v, %v", page, plain, plainErr)
		}
	})
}
