package api_test

import (
	"encoding/json"
	"log/slog"
	"testing"
	"unsafe"

	"github.com/dwolla-go/dwolla-go/api"
)

type (
	account  struct{ Names [100]string }
	customer struct{ Self api.Link[customer] } // a type may link to itself
)

func TestLinkSegments(t *testing.T) {
	tests := map[string]struct {
		href           string
		collection, id string
	}{
		"a resource":                   {"https://api.dwolla.com/customers/07d5-EE", "customers", "07d5-EE"},
		"a query is not part of it":    {"https://api.dwolla.com/customers/1?removed=false&x=/y", "customers", "1"},
		"a fragment is not part of it": {"https://api.dwolla.com/customers/1#/x", "customers", "1"},
		"a path alone":                 {"/customers/1", "customers", "1"},
		"a relative path":              {"customers/1", "customers", "1"},
		"a sub-resource":               {"https://api.dwolla.com/funding-sources/1/balance", "1", "balance"},
		"a collection":                 {"https://api.dwolla.com/customers", "", "customers"},
		"a collection with a slash":    {"https://api.dwolla.com/customers/", "customers", ""},
		"the root":                     {"https://api.dwolla.com/", "", ""},
		"a host alone":                 {"https://api.dwolla.com", "", ""},
		"a network path":               {"//api.dwolla.com/customers/1", "customers", "1"},
		"escapes stay":                 {"https://api.dwolla.com/customers/a%2Fb", "customers", "a%2Fb"},
		"nothing":                      {"", "", ""},
		"a package name":               {"com.example.app", "", "com.example.app"},
		"another scheme":               {"mailto:somebody", "", ""},
		"a wrong escape":               {"https://api.dwolla.com/customers/%zz", "", ""},
		"a control character":          {"https://api.dwolla.com/customers/\x00", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			link := api.LinkTo[customer](tt.href)
			equal(t, link.Collection(), tt.collection)
			equal(t, link.ID(), tt.id)
			equal(t, link.IsZero(), tt.href == "")
		})
	}
}

func TestLinkJSON(t *testing.T) {
	tests := map[string]struct {
		text string
		all  []string // the addresses
	}{
		"an object":                       {`{"href":"/a","type":"application/json","resource-type":"account"}`, []string{"/a"}},
		"an unknown member":               {`{"href":"/a","templated":true,"name":null}`, []string{"/a"}},
		"an empty address":                {`{"href":"","resource-type":"x"}`, []string{""}},
		"null":                            {`null`, nil},
		"an object of nothing":            {`{}`, nil},
		"null members":                    {`{"href":null,"type":null,"resource-type":null}`, nil},
		"a list of one":                   {`[{"href":"/a"}]`, []string{"/a"}},
		"a list of three":                 {`[{"href":"/a"},{"href":"/b","x":1.0},{"href":"/c"}]`, []string{"/a", "/b", "/c"}},
		"a list of none":                  {`[]`, nil},
		"a list of null":                  {`[null]`, nil},
		"a list that begins with a null":  {`[null,{"href":"/b"}]`, []string{"", "/b"}},
		"a list that begins with nothing": {`[{},{"href":"/b"}]`, []string{"", "/b"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			link := decode[api.Link[account]](t, tt.text)
			var all []string
			for _, l := range link.All() {
				all = append(all, l.Href)
			}
			equal(t, all, tt.all)
			lossless(t, tt.text, link)
			equal(t, encode(t, api.Retype[account](api.Retype[customer](link))), encode(t, link))
		})
	}
}

func TestLinkJSONRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"a bare address":     `"/customers/1"`,
		"a number":           `1`,
		"false":              `false`,
		"a list in a list":   `[[]]`,
		"a list of text":     `["/a"]`,
		"an address of 1":    `{"href":1}`,
		"an address of {}":   `{"href":{}}`,
		"two addresses":      `{"href":"/a","href":"/b"}`,
		"two unknown":        `{"x":1,"x":1}`,
		"a truncated object": `{"href":"/a"`,
	} {
		t.Run(name, func(t *testing.T) {
			var link api.Link[account]
			if err := link.UnmarshalJSON([]byte(text)); err == nil {
				t.Errorf("accepted as %v", link)
			}
		})
	}
}

func TestLinkDecodingForgetsWhatWasThere(t *testing.T) {
	link := api.Link[account]{Href: "/a", Type: "x", Extra: api.Extra{"y": nil}}
	equal(t, json.Unmarshal([]byte(`{"href":"/b"}`), &link), nil)
	equal(t, link, api.LinkTo[account]("/b"))
}

func TestLinkOfAListFollowsItsFields(t *testing.T) {
	link := decode[api.Link[account]](t, `[{"href":"/a"},{"href":"/b"}]`)
	link.Href = "/changed"
	equal(t, link.All()[0].Href, "/changed")
	equal(t, encode(t, link), `[{"href":"/changed"},{"href":"/b"}]`)
}

func TestLinkAllGivesSingleLinks(t *testing.T) {
	link := decode[api.Link[account]](t, `[{"href":"/a"},{"href":"/b"}]`)
	for _, single := range link.All() {
		equal(t, len(single.All()), 1)
	}
	link.All()[1].Href = "/changed"
	equal(t, link.All()[1].Href, "/b")
}

func TestLinkTargetTakesNoSpace(t *testing.T) {
	equal(t, unsafe.Sizeof(api.Link[account]{}), unsafe.Sizeof(api.Link[struct{}]{}))
}

func TestLinkLogsOnlyAddressesAtDwolla(t *testing.T) {
	for href, want := range map[string]string{
		"https://api.dwolla.com/customers/1?token=x":   "/customers/1",
		"https://api-sandbox.dwolla.com/customers/1#x": "/customers/1",
		"/customers/1":                           "/customers/1",
		"":                                       "",
		"https://widgets.example/connect/secret": "[redacted]",
		"https://api.dwolla.com.evil.test/x":     "[redacted]",
		"https://api.dwolla.com@evil.test/x":     "[redacted]",
		"//evil.test/x":                          "[redacted]",
		"https://api.dwolla.com/%zz":             "[redacted]",
	} {
		equal(t, slog.AnyValue(api.LinkTo[account](href)).Resolve().String(), want)
	}
}

func FuzzLink(f *testing.F) {
	for _, text := range []string{
		`{"href":"https://api.dwolla.com/customers/1","type":"t","resource-type":"customer","x":[1]}`,
		`[{"href":"/a"},null,{}]`, `[]`, `null`, `"x"`, `{"href":"/%zz"}`, `{"href":"//h/a?b#c"}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var link api.Link[account]
		if json.Unmarshal([]byte(text), &link) != nil {
			return
		}
		lossless(t, text, link)
		for _, l := range link.All() {
			_, _, _ = l.ID(), l.Collection(), l.LogValue()
		}
	})
}

func TestFault247_LinksAreEqualWhereTheySayTheSame(t *testing.T) {
	texts := []string{
		`null`, `[]`, `{"href":"/a"}`, `[{"href":"/a"}]`, `[{"href":"/a"},{"href":"/b"}]`, `[{"href":"/b"},{"href":"/a"}]`,
		`{"href":"/a","type":"t"}`, `{"href":"/a","resource-type":"t"}`, `{"href":"/a","title":"x"}`, `{"href":"/a","title":"y"}`,
	}
	for i, a := range texts {
		for j, b := range texts {
			x, y := decode[api.Link[api.Object]](t, a), decode[api.Link[api.Object]](t, b)
			if x.Equal(y) != (i == j) {
				t.Errorf("%s and %s: %t", a, b, x.Equal(y))
			}
		}
	}
}
