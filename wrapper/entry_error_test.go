package dwolla_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// unreadable are entries of a list that cannot be read, by what is wrong with them.
var unreadable = map[string]string{
	"a duplicate member":           `{"id":"odd","firstName":"Ada","firstName":"Eve"}`,
	"a duplicate unknown member":   `{"id":"odd","note":1,"note":2}`,
	"an object where a list is":    `{"id":"odd","_embedded":{"errors":[[]]},"_links":{"self":{"href":{}}}}`,
	"a number for a name":          `{"id":"odd","firstName":42}`,
	"a list of links in an object": `{"id":"odd","_links":[{"href":"/customers/odd"}]}`,
	"a text":                       `"odd"`,
	"a null":                       `null`,
	"an empty list":                `[]`,
	"a number":                     ` 7 `,
}

func TestFault379_AnEntryThatCannotBeReadHidesNoOther(t *testing.T) {
	for name, odd := range unreadable {
		for _, ahead := range []int{0, 3} {
			t.Run(fmt.Sprint(name, ahead), func(t *testing.T) {
				s := newStub(t, func(_ int, req *http.Request) *http.Response { return withOdd(req, odd, 3, 8) })
				var got []string
				for c, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{Limit: 2}, dwolla.WithPagesAhead(ahead)) {
					if err == nil {
						got = append(got, c.ID)
						continue
					}
					got = append(got, "error")
					entry, ok := errors.AsType[*dwolla.EntryError](err)
					if !ok || entry.Index != 1 || string(entry.Raw()) != strings.TrimSpace(odd) {
						t.Fatalf("%v", err)
					}
					ends(t, err, dwolla.OutcomeBadResponse, dwolla.ErrBadResponse)
					if _, ok := errors.AsType[*wire.DecodeError](err); !ok || c.ID != "" {
						t.Errorf("%+v, %v", c, err)
					}
					for _, shown := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, err), marshal(t, err)} {
						if strings.Contains(shown, "Ada") || strings.Contains(shown, "Eve") {
							t.Errorf("the entry is in %s", shown)
						}
					}
				}
				if want := "[c0 c1 c2 error c4 c5 c6 c7]"; fmt.Sprint(got) != want {
					t.Errorf("got %v, want %v", got, want)
				}
			})
		}
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// withOdd answers for the window that a request asks for, of a list of total customers, of whom one is odd.
func withOdd(req *http.Request, odd string, at, total int) *http.Response {
	limit, _ := strconv.Atoi(req.URL.Query().Get("limit"))
	offset, _ := strconv.Atoi(req.URL.Query().Get("offset"))
	var entries []string
	for i := offset; i < min(offset+limit, total); i++ {
		entry := fmt.Sprintf(`{"id":"c%d"}`, i)
		if i == at {
			entry = odd
		}
		entries = append(entries, entry)
	}
	next := ""
	if offset+limit < total {
		next = fmt.Sprintf(`"next":{"href":"%s/customers?limit=%d&offset=%d"}`, sandbox, limit, offset+limit)
	}
	return reply(200, fmt.Sprintf(`{"_links":{%s},"_embedded":{"customers":[%s]},"total":%d}`, next, strings.Join(entries, ", "), total))
}

func TestFault380_AnObjectInPlaceOfAListIsOneEntryThatCannotBeRead(t *testing.T) {
	s := newStub(t, always(200, `{"_embedded":{"customers":{"id":"a"}},"total":1}`))
	n := 0
	for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}) {
		n++
		if entry, ok := errors.AsType[*dwolla.EntryError](err); !ok || entry.Index != 0 || string(entry.Raw()) != `{"id":"a"}` {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestAListThatIsReadAsOneAnswerSaysWhichEntryCannotBeRead(t *testing.T) {
	s := newStub(t, always(200, `{"_embedded":{"customers":[{"id":"a"},{"id":1}]},"total":2}`))
	page, err := s.client.Customers.List(t.Context(), dwolla.ListCustomersParams{})
	ends(t, err, dwolla.OutcomeBadResponse)
	if decode, ok := errors.AsType[*wire.DecodeError](err); page != nil || !ok || decode.Path != "/_embedded/customers/1/id" {
		t.Errorf("%v, %v", page, err)
	}
}

func TestFault381_HalfOfACharacterHidesNothingAndIsWrittenBack(t *testing.T) {
	for text, want := range map[string]string{
		`Rock \ud83d`: "Rock \ufffd", `\ude00 Roll`: "\ufffd Roll", "Rock \xf0\x9f\x98": "Rock \ufffd\ufffd\ufffd", "Caf\xe9": "Caf\ufffd",
	} {
		odd := `{"_links":{"self":{"href":"/customers/` + text + `"}},"correlationId":"` + text + `","firstName":"` + text + `","id":"odd","lastName":"B","note":"` + text + `"}`
		s := newStub(t, func(_ int, req *http.Request) *http.Response { return withOdd(req, odd, 1, 3) })
		var ids []string
		for c, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{Limit: 200}) {
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if ids = append(ids, c.ID); c.ID != "odd" {
				continue
			}
			if c.FirstName != want || c.LastName != "B" || c.Links.Self.Href != "/customers/"+want {
				t.Errorf("%s is read as %q", text, c.FirstName)
			}
			for range 2 { // what is written is read again
				out, err := wire.Marshal(&c)
				if err != nil || string(out) != odd {
					t.Errorf("%s, %v, want %s", out, err, odd)
				}
				if c = (dwolla.Customer{}); wire.Unmarshal(out, &c) != nil {
					t.Errorf("%s cannot be read", out)
				}
			}
		}
		if fmt.Sprint(ids) != "[c0 odd c2]" {
			t.Errorf("%s: %v", text, ids)
		}
	}
}

func TestFault382_WhatPHPWritesForAnEmptyObjectIsOne(t *testing.T) {
	for _, total := range []string{`2`, `"2"`, `2.0`, `"2.00"`} {
		s := newStub(t, always(200, `{"_links":[],"_embedded":{"customers":[{"id":"a","_links":[ ]},{"id":"b","_embedded":[]}]},"total":`+total+`}`))
		if got := idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{})); got != "a b" {
			t.Errorf("%s: %s", total, got)
		}
		page, err := s.client.Customers.List(t.Context(), dwolla.ListCustomersParams{})
		if err != nil || page.Total != 2 {
			t.Fatalf("%s: %v", total, err)
		}
		if out, err := wire.Marshal(page); err != nil || string(out) != `{"_embedded":{"customers":[{"_links":[ ],"id":"a"},{"_embedded":[],"id":"b"}]},"_links":[],"total":`+total+`}` {
			t.Errorf("%s, %v", out, err)
		}
		page.Total = 3
		if out, err := wire.Marshal(page); total != `2` && err == nil {
			t.Errorf("two totals are written as %s", out)
		}
	}
	s := newStub(t, always(200, `{"_links":{},"_embedded":{"customers":[]},"total":"3"}`))
	if err := last(s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{})); !errors.Is(err, dwolla.ErrIncompleteList) {
		t.Errorf("a total that is a text is not believed: %v", err)
	}
}

func TestFault383_OddTextThatWasReadIsSentBackAndNothingElseThatIsOdd(t *testing.T) {
	for name, tt := range map[string]struct {
		read, sent string // of an address; empty is refused
		change     func(*dwolla.Address)
	}{
		"half a pair":               {`{"address1":"Rock \ud83d","city":"x"}`, `{"address1":"Rock \ud83d","city":"x"}`, nil},
		"half a pair, replaced":     {`{"address1":"Rock \ud83d"}`, "", func(a *dwolla.Address) { a.Address1 = "Rock" }},
		"invalid UTF-8":             {"{\"address1\":\"\xff\"}", "", nil},
		"an unknown half":           {`{"x":"\ud83d"}`, `{"x":"\ud83d"}`, nil},
		"unknown invalid UTF-8":     {"{\"x\":\"\xff\"}", "", nil},
		"text of the caller's":      {`{}`, "", func(a *dwolla.Address) { a.Address1 = "\xff" }},
		"a half, replaced and kept": {`{"address1":"Rock \ud83d"}`, `{"address1":"Rock"}`, func(a *dwolla.Address) { a.Address1, a.Extra = "Rock", nil }},
	} {
		var address dwolla.Address
		if err := json.Unmarshal([]byte(tt.read), &address); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if tt.change != nil {
			tt.change(&address)
		}
		if out, err := wire.AppendRequest(nil, &address); string(out) != tt.sent || (err == nil) != (tt.sent != "") {
			t.Errorf("%s: sent %s, %v", name, out, err)
		}
	}
	var sent dwolla.CreateTransfer
	if err := json.Unmarshal([]byte(`{"correlationId":"c","metadata":{"a":42}}`), &sent); err != nil {
		t.Fatal(err)
	}
	if out, err := wire.AppendRequest(nil, &sent); err == nil {
		t.Errorf("metadata that is not text is sent: %s", out)
	}
}

func TestFault384_PagesOfNothingButOddEntriesAreBounded(t *testing.T) {
	links := `[` + strings.Repeat(`{},`, 9_998) + `{}]`
	for name, entries := range map[string]string{
		"one that would fill the heap": `{"id":"a","_links":{"self":` + links + `,"transfers":` + links + `,"funding-sources":` + links + `,"edit":` + links + `,"edit-form":` + links + `,"send":` + links + `,"receive":` + links + `}},{"id":1}`,
		"one that is no JSON":          `{"id":"a"},{"id":nope}`, "one that does not end": `{"id":"a"},{"id":1`,
		"10,000 that are no objects": strings.Repeat("7,", 9_999) + "7", "one of a million members": `{"id":1,` + strings.Repeat(`"x":{},`, 1_000_000) + `"y":1}`,
	} {
		s := newStub(t, always(200, `{"_embedded":{"customers":[`+entries+`]}}`))
		n := 0
		var last error
		for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}) {
			n++
			last = err
		}
		if _, entry := errors.AsType[*dwolla.EntryError](last); n != 1 || last == nil || entry != strings.Contains(name, "million") {
			t.Errorf("%s: %d entries, %v", name, n, last)
		}
	}
}

func TestANilEntryErrorSaysSo(t *testing.T) {
	var err *dwolla.EntryError
	if err.Error() == "" || err.Unwrap() != nil || err.Raw() != nil {
		t.Error(err)
	}
}
