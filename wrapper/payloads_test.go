package dwolla_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// A payload is a documented request or answer.
type payload struct {
	File, Method, Path, Status string
	Data                       []byte
	Model                      func() any
	Schema                     *openapi3.Schema
}

// wrongPayloads are documented payloads that the API does not send or take (any more).
var wrongPayloads = map[string]string{
	"createCustomerFundingSource__request__10.json": "of 2022: type is now virtual or nothing, and bankAccountType is required",
	"createCustomerFundingSource__request__12.json": "of 2020: the same",
	"createCustomerFundingSource__request__13.json": "of 2020: the same",
	"createCustomerFundingSource__request__8.json":  "cardToken gave way to an exchange and the cardholder's details",
	"createCustomerExchange__request__6.json":       "of 2024: mx ids gave way to availableConnectionToken",
	"update__request__5.json":                       `the member "ssn " ends in a space, so that the required ssn is missing`,
	"initiateMassPayment__request__3.json":          "of 2019: an item has clearing.source, which belongs to the mass payment",
	"listCustomerTransfers__200__1.json":            "created is no date-time of RFC 3339; the client reads it all the same",
	"listCustomerTransfers__200__2.json":            "the same",
	"listWebhooks__200__1.json":                     "a placeholder: every member is the name of its type",
}

func documentedPayloads(t *testing.T) []payload {
	t.Helper()
	if os.Getenv("DWOLLA_FIXTURES") == "" {
		t.Skip("DWOLLA_FIXTURES does not name the folder of the documented payloads")
	}
	all, err := sharedPayloads()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sharedPayloads are read once, as the contract takes a second to parse.
var sharedPayloads = sync.OnceValues(func() ([]payload, error) {
	folder := os.Getenv("DWOLLA_FIXTURES")
	doc, err := contract.Strict()
	if err != nil {
		return nil, err
	}
	index, err := os.Open(filepath.Join(folder, "INDEX.tsv"))
	if err != nil {
		return nil, err
	}
	defer index.Close()
	var out []payload
	lines := bufio.NewScanner(index)
	lines.Scan() // the header
	for lines.Scan() {
		f := strings.Split(lines.Text(), "\t")
		p := payload{File: f[0], Method: f[1], Path: f[2], Status: f[3]}
		if p.Data, err = os.ReadFile(filepath.Join(folder, p.File)); err != nil {
			return nil, err
		}
		if err := p.find(doc); err != nil {
			return nil, fmt.Errorf("%s: %w", p.File, err)
		}
		out = append(out, p)
	}
	return out, lines.Err()
})

// find looks up the schema of a payload in the contract and its Go type.
func (p *payload) find(doc *openapi3.T) error {
	p.Model = func() any { return new(api.ErrorBody) }
	if strings.HasPrefix(p.File, "error__") {
		p.Schema = doc.Components.Schemas["Error"].Value
		return nil
	}
	var op *openapi3.Operation
	if strings.HasPrefix(p.File, "webhook__") {
		op = doc.Webhooks["event"].Post
		p.Status = "request"
	} else {
		for path, item := range doc.Paths.Map() {
			if unnamed(path) == unnamed(p.Path) {
				op = item.GetOperation(p.Method)
			}
		}
	}
	if op == nil {
		return errors.New("no such operation")
	}
	content := openapi3.Content(nil)
	if p.Status == "request" {
		content = op.RequestBody.Value.Content
	} else if r := op.Responses.Value(p.Status); r != nil {
		content = r.Value.Content
	}
	for _, media := range content {
		p.Schema = media.Schema.Value
		name := media.Schema.Ref[strings.LastIndex(media.Schema.Ref, "/")+1:]
		switch {
		case p.Status >= "4" && p.Status < "6":
		case unions[name] != nil:
			p.Model = p.member(unions[name])
		default:
			p.Model = modelOf(name)
		}
	}
	if p.Schema == nil || p.Model == nil {
		return fmt.Errorf("no schema or Go type for status %s", p.Status)
	}
	return nil
}

// member is the member of a union that the payload is: the one that knows all of it and writes all of it back.
func (p *payload) member(names []string) func() any {
	var want any
	if json.Unmarshal(p.Data, &want) != nil {
		return nil
	}
	best, bestScore := names[0], -1<<31
	for _, name := range names {
		v := modelOf(name)()
		if json.Unmarshal(p.Data, v) != nil {
			continue
		}
		out, err := json.Marshal(v)
		if err != nil {
			continue
		}
		var got any
		if json.Unmarshal(out, &got) != nil {
			continue
		}
		if score := -len(lost(want, got, ""))*100 - unknown(reflect.ValueOf(v)); score > bestScore {
			best, bestScore = name, score
		}
	}
	return modelOf(best)
}

// unknown counts the members that ended among the kept unknowns.
func unknown(v reflect.Value) int {
	n := 0
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			n = unknown(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				n += unknown(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += unknown(v.Index(i))
		}
	case reflect.Map:
		if v.Type() == reflect.TypeFor[api.Extra]() {
			n = v.Len()
		}
	}
	return n
}

func modelOf(schema string) func() any {
	for _, m := range models {
		if m.Schema == schema {
			return m.New
		}
	}
	return nil
}

func unnamed(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") {
			segments[i] = "{}"
		}
	}
	return strings.Join(segments, "/")
}

func TestDocumentedPayloads(t *testing.T) {
	t.Parallel()
	all := documentedPayloads(t)
	lossless, typed := 0, 0
	for _, p := range all {
		t.Run(p.File, func(t *testing.T) {
			v := p.Model()
			if err := json.Unmarshal(p.Data, v); err != nil {
				t.Fatalf("does not decode: %v", err)
			}
			out, err := json.Marshal(v)
			if err != nil {
				t.Fatalf("does not encode: %v", err)
			}
			if problems := lost(parse(t, p.Data), parse(t, out), ""); len(problems) > 0 {
				if wrongPayloads[p.File] == "" {
					t.Error(strings.Join(problems, "\n"))
				}
				return
			}
			lossless++
			if unknown(reflect.ValueOf(v)) == 0 {
				typed++
			} else if wrongPayloads[p.File] == "" {
				t.Error("a member has no field in Go")
			}
		})
	}
	fmt.Printf("%d payloads, %d lossless\n", len(all), lossless)
	t.Logf("%d of them without an unknown member", typed)
}

func TestDocumentedPayloadsFitTheStrictContract(t *testing.T) {
	t.Parallel()
	all := documentedPayloads(t)
	seen := map[string]bool{}
	for _, p := range all {
		seen[p.File] = true
		var v any
		if err := json.Unmarshal(p.Data, &v); err != nil {
			t.Errorf("%s: %v", p.File, err)
			continue
		}
		err := p.Schema.VisitJSON(v, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors())
		switch reason := wrongPayloads[p.File]; {
		case err != nil && reason == "":
			t.Errorf("%s: %v", p.File, err)
		case err == nil && reason != "":
			t.Errorf("%s fits, although it is said to be wrong: %s", p.File, reason)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(wrongPayloads)) {
		if !seen[file] {
			t.Errorf("%s is said to be wrong, but it is not there", file)
		}
	}
}

// TestDocumentedPayloadsChangeOnlyWhereTheyAreChanged sets one field of each payload and finds all others as they were.
func TestDocumentedPayloadsChangeOnlyWhereTheyAreChanged(t *testing.T) {
	t.Parallel()
	const changed = "changed by the test"
	checked := 0
	for _, p := range documentedPayloads(t) {
		v := p.Model()
		if err := json.Unmarshal(p.Data, v); err != nil {
			t.Errorf("%s: %v", p.File, err)
			continue
		}
		before, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", p.File, err)
			continue
		}
		name := setFirstText(reflect.ValueOf(v).Elem(), changed)
		if name == "" {
			continue
		}
		after, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", p.File, err)
			continue
		}
		want := parse(t, before).(map[string]any)
		want[name] = changed
		if got := parse(t, after); !reflect.DeepEqual(want, got) {
			t.Errorf("%s: setting %s changed more than that:\n%s\n%s", p.File, name, before, after)
		}
		checked++
	}
	if checked < 50 {
		t.Errorf("only %d payloads have a text to change", checked)
	}
}

// setFirstText sets the first field that is a text and returns its member's name.
func setFirstText(v reflect.Value, text string) string {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Type.Kind() == reflect.String && f.IsExported() && name != "" {
			v.Field(i).SetString(text)
			return name
		}
	}
	return ""
}
