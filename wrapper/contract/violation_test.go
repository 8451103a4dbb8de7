package contract_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

func TestViolationsGiveAtMostTenLines(t *testing.T) {
	t.Parallel()
	var items []string
	for range 30 {
		items = append(items, `{"amount":{"value":"1.00","currency":"USD"}}`)
	}
	body := fmt.Sprintf(`{"_links":{"source":{"href":%q}},"items":[%s]}`, payer, strings.Join(items, ","))
	err := newValidator(t).CheckRequest(request(t, "POST /mass-payments", halJSON, body))
	if got := len(lines(t, err)); got != 30 {
		t.Errorf("got %d violations", got)
	}
	text := strings.Split(err.Error(), "\n")
	if len(text) != 11 || text[10] != "contract: and 20 more" {
		t.Errorf("got %q", text)
	}
}

// A violation may be logged, so no value and no free key of a message may be in it.
func TestViolationsHoldNoValues(t *testing.T) {
	t.Parallel()
	var texts []string
	v := newValidator(t, contract.WithStrict(), contract.WithReport(func(v contract.Violation) { texts = append(texts, v.Error()) }))
	sweep(t, func(p place, _ *openapi3.Schema, value any) {
		for _, secret := range []any{"hush-4821", 48214821, []any{"hush-4821"}, map[string]any{freeKey: "hush-4821"}} {
			spoiled := spoil(value, secret)
			if err := p.check(t, v, encode(t, spoiled)); err != nil {
				t.Fatal(err)
			}
			data := encode(t, spoiled)
			if err := p.check(t, v, data[:len(data)-1]); err != nil { // no JSON any more
				t.Fatal(err)
			}
		}
	})
	for _, query := range []string{"limit=hush-4821", "status=hush-4821", "limit=48214821", "limit=%zzhush-4821", "email=a&email=hush-4821"} {
		if err := v.CheckRequest(request(t, "GET /customers?"+query, "", "")); err != nil {
			t.Fatal(err)
		}
	}
	if len(texts) < 1000 {
		t.Errorf("only %d violations", len(texts))
	}
	for _, text := range texts {
		if strings.Contains(text, "hush") || strings.Contains(text, "4821") {
			t.Fatalf("a value is in %q", text)
		}
	}
}

// spoil copies a value with every scalar replaced by secret, and the free keys of maps by a secret key.
func spoil(value, secret any) any {
	switch value := value.(type) {
	case map[string]any:
		spoiled := map[string]any{}
		for name, member := range value {
			if name == freeKey {
				name = "hush-4821" + strings.Repeat("k", 255)
			}
			spoiled[name] = spoil(member, secret)
		}
		return spoiled
	case []any:
		var spoiled []any
		for _, item := range value {
			spoiled = append(spoiled, spoil(item, secret))
		}
		return spoiled
	}
	return secret
}

func TestAViolationHasTheKeywordOfItsRule(t *testing.T) {
	t.Parallel()
	const post = "POST /transfers"
	edit := func(old, replacement string) string { return strings.Replace(transfer, old, replacement, 1) }
	strict, open := newValidator(t, contract.WithStrict()), newValidator(t)
	document, boundary := upload(t, []part{
		{name: "documentType", body: "passport"}, {"file", "a.gif", "image/gif", "gif"},
	})
	check := func(line, contentType, body string) error {
		return open.CheckRequest(request(t, line, contentType, body))
	}
	for _, row := range []struct {
		name    string
		err     error
		keyword string
		pointer string
		members []string
	}{
		{"a missing member", check(post, halJSON, `{"amount":{}}`), "required", "", []string{"_links"}},
		{"a missing body", check(post, halJSON, ""), "required", "", nil},
		{"a pattern", check(post, halJSON, edit(`"40.15"`, `"1e2"`)), "pattern", "/amount/value", nil},
		{"a type", check(post, halJSON, edit(`"40.15"`, `40`)), "type", "/amount/value", nil},
		{"an enumeration", check("POST /mass-payments/m1", halJSON, `{"status":"lost"}`), "enum", "/status", nil},
		{"a bound", check("GET /customers?limit=201", "", ""), "maximum", "", nil},
		{"a format", check("GET /accounts/a/transfers?startDate=May", "", ""), "format", "", nil},
		{"a length", check("POST /webhook-subscriptions", halJSON, `{"url":"u","secret":"`+strings.Repeat("s", 129)+`"}`), "maxLength", "/secret", nil},
		{"a count", check("POST /mass-payments", halJSON, `{"_links":{"source":{"href":"x"}},"items":[]}`), "minItems", "/items", nil},
		{"a repeated parameter", check("GET /customers?limit=1&limit=2", "", ""), contract.KeywordRepeated, "", nil},
		{"broken JSON", check(post, halJSON, "{"), contract.KeywordSyntax, "", nil},
		{"a media type", check(post, "text/plain", transfer), contract.KeywordMediaType, "", nil},
		{"the media type of a file", check("POST /customers/c1/documents", boundary, document), contract.KeywordMediaType, "", nil},
		{"a size", newValidator(t, contract.WithLimit(10)).CheckRequest(request(t, post, halJSON, transfer)), contract.KeywordSize, "", nil},
		{"an undeclared member", strict.CheckRequest(request(t, post, halJSON, edit(`{"value"`, `{"x":1,"value"`))), "unevaluatedProperties", "/amount/x", nil},
		{"an undeclared parameter", strict.CheckRequest(request(t, "GET /?x=1", "", "")), contract.KeywordUndeclared, "", nil},
		{"an undeclared body", strict.CheckRequest(request(t, "GET /", halJSON, "{}")), contract.KeywordUndeclared, "", nil},
		{"a status", open.CheckResponse(request(t, "GET /", "", ""), 302, nil, nil), contract.KeywordStatus, "", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			v, ok := errors.AsType[*contract.Violation](row.err)
			if !ok {
				t.Fatalf("got %v", row.err)
			}
			if v.Keyword != row.keyword || v.Pointer != row.pointer || !slices.Equal(v.Members, row.members) {
				t.Errorf("got %q %q %q (%v)", v.Keyword, v.Pointer, v.Members, v)
			}
		})
	}
	var reported contract.Violation
	reporting := newValidator(t, contract.WithReport(func(v contract.Violation) { reported = v }))
	if err := reporting.CheckRequest(request(t, "GET /nothing", "", "")); err != nil || reported.Keyword != contract.KeywordOperation {
		t.Errorf("an unknown path: got %q, %v", reported.Keyword, err)
	}
}
