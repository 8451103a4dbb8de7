package api_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

func TestErrorBodyOfAValidationError(t *testing.T) {
	text := `{"code":"ValidationError","message":"See the list.","_embedded":{"errors":[
		{"code":"Required","message":"A name is missing.","path":"/firstName","_links":{}},
		{"code":"InsufficientFunds","message":"Too little.","path":"/_links/source/href","_links":{"about":{"href":"/b"}}}]},
		"_links":{"about":{"href":"/a"},"help":{"href":"/h"}}}`
	body, ok := api.ParseErrorBody([]byte(text))
	equal(t, ok, true)
	equal(t, body.Code, "ValidationError")
	equal(t, body.Message, "See the list.")
	equal(t, body.Links.About.Href, "/a")
	equal(t, body.Links.Extra.Names(), []string{"help"})
	equal(t, len(body.Embedded.Errors), 2)
	second := body.Embedded.Errors[1]
	equal(t, second.Code, "InsufficientFunds")
	equal(t, second.Message, "Too little.")
	equal(t, second.Path, "/_links/source/href")
	equal(t, second.Links["about"].Href, "/b")
	lossless(t, text, body)
}

func TestErrorBodyOfTheTokenEndpoint(t *testing.T) {
	text := `{"error":"invalid_client","error_description":"Unknown key.","error_uri":"https://example.com"}`
	body, ok := api.ParseErrorBody([]byte(text))
	equal(t, ok, true)
	equal(t, body.OAuthError, "invalid_client")
	equal(t, body.OAuthDescription, "Unknown key.")
	equal(t, body.Extra.Names(), []string{"error_uri"})
	lossless(t, text, body)
}

// Every shape is accepted and written back; fields are the codes of the field
// errors that are found in it.
func TestErrorBodyAcceptsEveryShape(t *testing.T) {
	tests := map[string]struct {
		text   string
		fields []string
	}{
		"no embedded":                      {`{"code":"A"}`, nil},
		"null everywhere":                  {`{"code":null,"message":null,"_links":null,"_embedded":null,"error":null}`, nil},
		"a code that is a number":          {`{"code":1.0,"message":["x"]}`, nil},
		"links that are a list":            {`{"code":"A","_links":[{"href":"/a"}]}`, nil},
		"an about that is text":            {`{"code":"A","_links":{"about":"/a"}}`, nil},
		"an about that is a list":          {`{"code":"A","_links":{"about":[{"href":"/a"},{"href":"/b"}]}}`, nil},
		"an about that leads nowhere":      {`{"code":"A","_links":{"about":{"href":"","type":"x"}}}`, nil},
		"embedded text":                    {`{"code":"A","_embedded":"x"}`, nil},
		"an embedded list":                 {`{"code":"A","_embedded":[{"code":"B"}]}`, nil},
		"an error directly in embedded":    {`{"code":"A","_embedded":{"code":"B","message":"m"}}`, []string{"B"}},
		"errors of null":                   {`{"code":"A","_embedded":{"errors":null}}`, nil},
		"no errors in the list":            {`{"code":"A","_embedded":{"errors":[]}}`, nil},
		"errors that are an object":        {`{"code":"A","_embedded":{"errors":{"code":"B","path":"/x"}}}`, []string{"B"}},
		"errors that are text":             {`{"code":"A","_embedded":{"errors":"x"}}`, nil},
		"errors that are lists":            {`{"code":"A","_embedded":{"errors":[["x"]]}}`, nil},
		"a null path":                      {`{"code":"A","_embedded":{"errors":[{"code":"B","path":null}]}}`, []string{"B"}},
		"a path that is a list":            {`{"code":"A","_embedded":{"errors":[{"code":"B","path":["x"]}]}}`, []string{"B"}},
		"field links that are text":        {`{"code":"A","_embedded":{"errors":[{"code":"B","_links":"x"}]}}`, []string{"B"}},
		"field links of one text":          {`{"code":"A","_embedded":{"errors":[{"code":"B","_links":{"x":"y"}}]}}`, []string{"B"}},
		"embedded in embedded":             {`{"code":"A","_embedded":{"_embedded":{"errors":[{"code":"B"}]}}}`, []string{"B"}},
		"embedded in a field error":        {`{"code":"A","_embedded":{"errors":[{"code":"B","_embedded":{"errors":[{"code":"C"}]}},{"code":"D"}]}}`, []string{"B", "C", "D"}},
		"text embedded in a field error":   {`{"code":"A","_embedded":{"errors":[{"code":"B","_embedded":1}]}}`, []string{"B"}},
		"an OAuth error that is an object": {`{"error":{"code":"A"}}`, nil},
		"nothing of an error":              {`{"total":0.0}`, nil},
		"nothing at all":                   {`{}`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			body := decode[api.ErrorBody](t, tt.text)
			lossless(t, tt.text, body)
			var fields []string
			for _, field := range body.FieldErrors() {
				fields = append(fields, field.Code)
			}
			equal(t, fields, tt.fields)
		})
	}
}

func TestErrorBodyOfDuplicateMembersTakesTheLast(t *testing.T) {
	body := decode[api.ErrorBody](t, `{"code":"A","code":"B","message":"m","message":1}`)
	equal(t, body.Code, "B")
	equal(t, body.Message, "")
	equal(t, encode(t, body), `{"code":"B","message":1}`)
}

func TestErrorBodyLooksForNestedErrorsToALimit(t *testing.T) {
	text := strings.Repeat(`{"code":"A","_embedded":`, 200) + `{}` + strings.Repeat(`}`, 200)
	body, ok := api.ParseErrorBody([]byte(text))
	equal(t, ok, true)
	equal(t, len(body.FieldErrors()), 9)
}

func TestErrorBodyOfTenThousandErrors(t *testing.T) {
	text := `{"_embedded":{"errors":[{"code":"A"}` + strings.Repeat(`,{"code":"A"}`, 9999) + `]}}`
	body, ok := api.ParseErrorBody([]byte(text))
	equal(t, ok, true)
	equal(t, len(body.FieldErrors()), 10_000)
}

func TestFault302_OfTooManyFieldErrorsTheFirstTenThousandAreKept(t *testing.T) {
	for name, text := range map[string]string{
		"flat":   `{"code":"B","_embedded":{"errors":[{"code":"First"}` + strings.Repeat(`,{"code":"A"}`, 20_000) + `]}}`,
		"nested": `{"code":"B","_embedded":{"errors":[{"code":"First","_embedded":{"errors":[{"code":"A"}` + strings.Repeat(`,{"code":"A"}`, 20_000) + `]}}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			body, ok := api.ParseErrorBody([]byte(text))
			equal(t, ok, true)
			found := body.FieldErrors()
			equal(t, len(found), 10_000)
			equal(t, found[0].Code, "First")
			equal(t, found[9_999].Code, "A")
		})
	}
}

func TestParseErrorBody(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want bool
	}{
		"a code":                       {`{"code":"A"}`, true},
		"a message":                    {`{"message":"m"}`, true},
		"a message of another charset": {"{\"code\":\"A\",\"message\":\"caf\xe9\"}", true},
		"white space around":           {" {\"code\":\"A\"}\r\n", true},
		"embedded errors alone":        {`{"_embedded":{"errors":[{}]}}`, true},
		"a resource":                   {`{"id":"1","_links":{"self":{"href":"/a"}}}`, false},
		"an empty object":              {`{}`, false},
		"null":                         {`null`, false},
		"a list":                       {`[{"code":"A"}]`, false},
		"text":                         {`"code"`, false},
		"nothing":                      {``, false},
		"a page":                       {`<html>code</html>`, false},
		"a truncated object":           {`{"code":"A"`, false},
		"an object and more":           {`{"code":"A"}{}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, ok := api.ParseErrorBody([]byte(tt.text))
			equal(t, ok, tt.want)
		})
	}
}

func TestErrorBodyLogsNoMessage(t *testing.T) {
	body := decode[api.ErrorBody](t, `{"code":"A","message":"secret","_embedded":{"errors":[{"code":"B","message":"secret","path":"/x"}]}}`)
	equal(t, fmt.Sprint(slog.AnyValue(body).Resolve()), "[code=A fields=1]")
	equal(t, fmt.Sprint(slog.AnyValue(body.Embedded.Errors[0]).Resolve()), "[code=B path=/x]")
	oauth := decode[api.ErrorBody](t, `{"error":"invalid_client","error_description":"secret"}`)
	equal(t, fmt.Sprint(slog.AnyValue(oauth).Resolve()), "[code=invalid_client fields=0]")
}

func TestErrorBodyIsZero(t *testing.T) {
	equal(t, decode[api.ErrorBody](t, `null`).IsZero(), true)
	equal(t, decode[api.ErrorBody](t, `{"_links":{},"_embedded":{"errors":[]}}`).IsZero(), true)
	equal(t, decode[api.ErrorBody](t, `{"_embedded":{"x":1}}`).IsZero(), false)
	equal(t, encode(t, api.ErrorBody{}), `{}`)
}

func TestPartsOfAnErrorBodyAreJSONOfTheirOwn(t *testing.T) {
	lossless(t, `{"about":{"href":"/a"},"x":1}`, decode[api.ErrorLinks](t, `{"about":{"href":"/a"},"x":1}`))
	lossless(t, `{"errors":[{"code":"A"}]}`, decode[api.ErrorEmbedded](t, `{"errors":[{"code":"A"}]}`))
	lossless(t, `{"code":"A","x":1}`, decode[api.FieldError](t, `{"code":"A","x":1}`))
}

func FuzzErrorBody(f *testing.F) {
	for _, text := range []string{
		`{"code":"A","message":"m","_links":{"about":{"href":"/a"}},"_embedded":{"errors":[{"code":"B","path":null,"_links":{}}]}}`,
		`{"error":"invalid_client","error_description":"d"}`,
		`{"_embedded":{"errors":{"code":"A"},"_embedded":{"code":1}}}`,
		`{"_embedded":[{}],"_links":"x"}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var body api.ErrorBody
		if json.Unmarshal([]byte(text), &body) != nil {
			return
		}
		body.FieldErrors()
		again := encode(t, body)
		equal(t, decode[api.ErrorBody](t, again), body)
		// Of duplicate members encoding/json takes the last too.
		lossless(t, text, body)
		if _, ok := api.ParseErrorBody([]byte(text)); ok && body.IsZero() {
			t.Fatalf("an error of nothing: %s", text)
		}
	})
}

func TestFault228_AnErrorBodyAndAFieldErrorShowNoMessage(t *testing.T) {
	body := decode[api.ErrorBody](t, `{"code":"Forbidden","message":"Jane Doe","error_description":"Jane Doe","phone":"Jane Doe",
		"_embedded":{"errors":[{"code":"NotAllowed","path":"/ssn","message":"Jane Doe","given":"Jane Doe","_links":{"about":{"href":"https://x/Jane Doe"}}}]}}`)
	field := body.Embedded.Errors[0]
	for _, v := range []any{body, &body, field, &field, body.Embedded, body.Embedded.Errors, struct{ E api.ErrorBody }{body}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "Jane") || strings.Contains(text, "4a616e65") {
				t.Errorf("%s of %T: %s", verb, v, text)
			}
		}
	}
	equal(t, fmt.Sprint(field), "NotAllowed at /ssn")
	equal(t, fmt.Sprint(body), "dwolla.ErrorBody(Forbidden)")
}

func TestFault248_AnErrorWithCountlessFieldErrorsKeepsItsCode(t *testing.T) {
	const size = 1 << 20
	flood := "[" + strings.Repeat("{},", size/3) + "{}]"
	nested := `{"message":"m","_embedded":{"errors":[` + strings.Repeat(`{"code":"c","message":"m"},`, 200) + `{}]}}`
	for name, doc := range map[string]string{
		"a list":          `{"code":"ValidationError","message":"m","_embedded":{"errors":` + flood + `}}`,
		"before the code": `{"_embedded":{"errors":` + flood + `},"code":"ValidationError","message":"m"}`,
		"nested":          `{"code":"ValidationError","message":"m","_embedded":{"errors":[` + strings.Repeat(nested+",", size/len(nested)) + `{}]}}`,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		body, ok := api.ParseErrorBody([]byte(doc))
		fields := body.FieldErrors()
		runtime.ReadMemStats(&after)
		if !ok || body.Code != "ValidationError" || body.Message != "m" {
			t.Errorf("%s: code %q, message %q, %t", name, body.Code, body.Message, ok)
		}
		if len(fields) > 10_000 {
			t.Errorf("%s: %d field errors", name, len(fields))
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 20<<20 {
			t.Errorf("%s: it took %d KiB", name, used>>10)
		}
	}
}
