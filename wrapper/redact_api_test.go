package dwolla_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dwolla-go/dwolla-go/api"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestAResponseShowsNoHeader(t *testing.T) {
	t.Parallel()
	resp := dwolla.Response{StatusCode: 201, RequestID: "req-1", Attempts: 2, Header: http.Header{"Set-Cookie": {"canary"}}}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("answered", "response", resp)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", resp, resp, &resp), log.String()} {
		if strings.Contains(text, "canary") || !strings.Contains(text, "201") || !strings.Contains(text, "req-1") {
			t.Errorf("shown as %s", text)
		}
	}
}

// fill puts a canary into every text of v but ids.
func fill(v reflect.Value, depth int) {
	if depth > 8 || !v.CanSet() {
		return
	}
	switch v := v.Addr().Interface().(type) {
	case *api.Extra:
		*v = api.Extra{"more": json.RawMessage(`"canary"`)}
		return
	case *json.RawMessage:
		*v = json.RawMessage(`"canary"`)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("https://example.com/canary")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case reflect.Map:
		key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(elem, depth+1)
		key.SetString("key")
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, elem)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "ID" {
				fill(v.Field(i), depth+1)
			}
		}
	}
}

func checkHidden(t *testing.T, name, text string) {
	t.Helper()
	for _, canary := range []string{"canary", hex.EncodeToString([]byte("canary"))} {
		if strings.Contains(text, canary) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// dump writes every text that reflection reaches from v, through pointers and unexported fields.
func dump(v any) string {
	var out strings.Builder
	seen := map[uintptr]bool{}
	var walk func(reflect.Value, int)
	walk = func(v reflect.Value, depth int) {
		if depth > 60 {
			return
		}
		switch v.Kind() {
		case reflect.String:
			fmt.Fprintln(&out, v.String())
		case reflect.Pointer:
			if v.IsNil() || seen[v.Pointer()] {
				return
			}
			seen[v.Pointer()] = true
			walk(v.Elem(), depth+1)
		case reflect.Interface:
			walk(v.Elem(), depth+1)
		case reflect.Struct:
			for _, field := range v.Fields() {
				walk(field, depth+1)
			}
		case reflect.Slice, reflect.Array:
			if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
				fmt.Fprintf(&out, "%s\n", v.Bytes())
				return
			}
			for i := range v.Len() {
				walk(v.Index(i), depth+1)
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				walk(k, depth+1)
				walk(v.MapIndex(k), depth+1)
			}
		}
	}
	walk(reflect.ValueOf(v), 0)
	return out.String()
}

func logged(v any, asJSON bool) string {
	var out bytes.Buffer
	var handler slog.Handler = slog.NewTextHandler(&out, nil)
	if asJSON {
		handler = slog.NewJSONHandler(&out, nil)
	}
	slog.New(handler).Info("m", "v", v)
	return out.String()
}

func panicOf(v any) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	panic(v)
}

// sinks are the ways in which a value gets into a text.
var sinks = map[string]func(any) string{
	"%v":           func(v any) string { return fmt.Sprintf("%v", v) },
	"%+v":          func(v any) string { return fmt.Sprintf("%+v", v) },
	"%#v":          func(v any) string { return fmt.Sprintf("%#v", v) },
	"%s":           func(v any) string { return fmt.Sprintf("%s", v) },
	"%q":           func(v any) string { return fmt.Sprintf("%q", v) },
	"%x":           func(v any) string { return fmt.Sprintf("%x", v) },
	"%d":           func(v any) string { return fmt.Sprintf("%d", v) },
	"Sprint":       func(v any) string { return fmt.Sprint(v) },
	"a list":       func(v any) string { return fmt.Sprintf("%+v", []any{v}) },
	"an error":     func(v any) string { return fmt.Errorf("failed: %v", v).Error() },
	"a panic":      func(v any) string { return panicOf(v) },
	"slog text":    func(v any) string { return logged(v, false) },
	"slog JSON":    func(v any) string { return logged(v, true) },
	"json.Marshal": func(v any) string { b, err := json.Marshal(v); return fmt.Sprint(string(b), err) },
	"a dump":       func(v any) string { return dump(v) },
}

// TestNoModelShowsItsData fills every field of every model and formats it in every way, alone and inside other values.
// Only its id may be seen.
func TestNoModelShowsItsData(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		pointer := reflect.ValueOf(m.New())
		fill(pointer.Elem(), 0)
		if data, err := json.Marshal(pointer.Interface()); err == nil && !strings.Contains(string(data), "canary") {
			t.Errorf("%s has no data: %s", m.Schema, data)
		}
		within := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "Model", Type: pointer.Type().Elem()}})).Elem()
		within.Field(0).Set(pointer.Elem())
		list := reflect.MakeSlice(reflect.SliceOf(pointer.Type().Elem()), 0, 1)
		value := pointer.Elem().Interface()
		for name, v := range map[string]any{
			"a value": value, "a pointer": pointer.Interface(), "in a struct": within.Interface(), "in a map": map[string]any{"k": value},
			"in a list": reflect.Append(list, pointer.Elem()).Interface(), "in a list of pointers": []any{pointer.Interface()},
		} {
			for sink, text := range sinks {
				if sink == "json.Marshal" || sink == "a dump" || sink == "slog JSON" && strings.HasPrefix(name, "in ") {
					continue // they mean the data, or encoding/json does
				}
				checkHidden(t, m.Schema+", "+name+", "+sink, text(v))
			}
			if s, ok := v.(fmt.Stringer); ok {
				checkHidden(t, m.Schema+", "+name+", String", s.String())
			} else if !strings.HasPrefix(name, "in ") {
				t.Errorf("%s, %s, is no fmt.Stringer: some loggers would take it apart", m.Schema, name)
			}
		}
	}
}

func TestFault085_PersonalDataInUnknownMembersIsNotShown(t *testing.T) {
	customer, err := get(t, `{"id":"x","taxNumber":"123-45-6789","_embedded":{"secret":"123-45-6789"}}`)
	ends(t, err, dwolla.OutcomeOK)
	if string(customer.Extra["taxNumber"]) != `"123-45-6789"` {
		t.Errorf("the member is not kept: %v", customer.Extra)
	}
	for sink, write := range sinks {
		for _, v := range []any{customer, *customer, customer.Extra, customer.Embedded} {
			if sink != "json.Marshal" && sink != "a dump" && strings.Contains(write(v), "123-45-6789") {
				t.Errorf("%s of %T shows it", sink, v)
			}
		}
	}
}

// echo answers with a status and repeats, wherever an answer has room, what the request said.
func echo(status int) func(int, *http.Request) *http.Response {
	return func(_ int, req *http.Request) *http.Response {
		body, _ := io.ReadAll(req.Body)
		said := req.Header.Get("Authorization") + " " + string(body)
		finding := map[string]any{"code": "Invalid", "message": said, "path": "/ssn", "value": said}
		out, _ := json.Marshal(map[string]any{"code": "ValidationError", "message": said, "_embedded": map[string]any{"errors": []any{finding}}})
		return reply(status, string(out), "X-Request-Id", "r "+req.Header.Get("Authorization"))
	}
}

func TestFault151_NothingThatACallerHoldsShowsASecret(t *testing.T) {
	s := newStub(t, echo(400))
	_, err := s.client.Customers.Create(t.Context(), dwolla.CreateUnverifiedCustomer{FirstName: "Canaryfirst", LastName: "L", Email: "canary@example.com"})
	ends(t, err, dwolla.OutcomeRejected, dwolla.ErrValidation)
	s.sends(t, 1)
	for sink, write := range sinks {
		for _, v := range []any{s.client, err, dwolla.NewClient, dwolla.WithIdempotencyKey("k")} {
			if sink == "a dump" && v == any(s.client) {
				continue // the stub behind this client remembers what it was sent, see TestGoal12
			}
			if text := write(v); strings.Contains(text, "canary") || strings.Contains(text, "Canaryfirst") || strings.Contains(text, "secret") && sink != "json.Marshal" {
				t.Errorf("%s of %T: %s", sink, v, text)
			}
		}
	}
}

func TestFault153_URLsInErrorsAreRedacted(t *testing.T) {
	for _, cause := range []error{
		errors.New(`invalid proxy address "http://user:proxy-canary@proxy.test:3128": parse error`),
		&url.Error{Op: "Get", URL: sandbox + "/customers?search=query-canary", Err: errors.New("proxyconnect tcp: http://u:proxy-canary@p/ refused")},
		fmt.Errorf("tried https://token-canary@host/a and http://x:%s@b", "proxy-canary"),
	} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			client, err := dwolla.NewClient(dwolla.Sandbox, "key", "secret", dwolla.WithHTTPClient(&http.Client{
				Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
					if req.URL.Path == "/token" {
						return reply(200, `{"access_token":"bearer-canary"}`), nil
					}
					requests++
					return nil, cause
				}),
			}))
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Customers.List(t.Context(), dwolla.ListCustomersParams{Search: "query-canary"})
			ends(t, err, dwolla.OutcomeNotSent)
			if requests != 3 {
				t.Errorf("%d requests", requests)
			}
			for sink, write := range sinks {
				if sink == "a dump" {
					continue // errors.Unwrap leads to what the transport said
				}
				if text := write(err); strings.Contains(text, "canary") {
					t.Errorf("%s: %s", sink, text)
				}
			}
		})
	}
}

func TestFault154_AnAnswerThatRepeatsASecretIsMasked(t *testing.T) {
	s := newStub(t, echo(400))
	_, err := s.client.Customers.Create(t.Context(), dwolla.CreatePersonalCustomer{FirstName: "Ann", LastName: "Lee", SSN: "4329", DateOfBirth: "1969-04-13"})
	ends(t, err, dwolla.OutcomeRejected, dwolla.ErrValidation)
	s.sends(t, 1)
	e, _ := errors.AsType[*dwolla.Error](err)
	for _, text := range []string{err.Error(), e.Message, e.Fields[0].Message, e.RequestID, string(e.Fields[0].Extra["value"])} {
		if strings.Contains(text, "bearer-canary") || strings.Contains(text, "4329") || strings.Contains(text, "1969-04-13") || strings.Contains(text, "Ann") {
			t.Errorf("repeated: %s", text)
		}
		if !strings.Contains(text, "[redacted]") {
			t.Errorf("masked without saying so: %s", text)
		}
	}
	if !bytes.Contains(e.Body(), []byte("bearer-canary")) {
		t.Error("Body is not as it came")
	}
}

// TestFault157_NothingInTheTreeLooksLikeALiveKey looks at every file of the module that is text.
func TestFault157_NothingInTheTreeLooksLikeALiveKey(t *testing.T) {
	live := regexp.MustCompile(`(?i)\b(sk_live_|AKIA[0-9A-Z]{16}\b|ghp_[0-9a-z]{36}|xox[bp]-[0-9]{6,})|-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]{32}|(DWOLLA_APP_SECRET|DWOLLA_APP_KEY|client_secret)["']?\s*[:=]\s*["']?[A-Za-z0-9]{40,60}\b`)
	if !live.MatchString("DWOLLA_APP_SECRET=" + strings.Repeat("aB3x5", 10)) {
		t.Fatal("the pattern finds nothing")
	}
	marks := []string{"sk_live_", "AKIA", "ghp_", "xox", "PRIVATE KEY", "DWOLLA_APP_", "client_secret"} // for speed
	files := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{".git", ".cache", "bin"}, d.Name()) {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() > 2<<20 {
			return nil //nolint:nilerr // a file that went away while others work is no finding
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil //nolint:nilerr // the same
		}
		files++
		if d.Name() == "redact_api_test.go" || !slices.ContainsFunc(marks, func(mark string) bool { return bytes.Contains(data, []byte(mark)) }) {
			return nil
		}
		if at := live.FindIndex(data); at != nil {
			t.Errorf("%s has what looks like a live key at byte %d", path, at[0])
		}
		return nil
	})
	if err != nil || files < 50 {
		t.Errorf("%d files: %v", files, err)
	}
}

func TestFault158_TokensAndURLsOfSessionsAreSecrets(t *testing.T) {
	s := newStub(t, func(n int, _ *http.Request) *http.Response {
		return reply(200, []string{
			`{"token":"client-token-canary"}`,
			`{"_links":{"external-provider-session":{"href":"https://int-widgets.moneydesktop.com/md/session-canary"}},"externalProviderSessionToken":"session-canary"}`,
		}[n-1])
	})
	token, err := s.client.ClientTokens.Create(t.Context(), dwolla.CreateClientToken{Action: "customer.update"})
	ends(t, err, dwolla.OutcomeOK)
	session, err := s.client.ExchangeSessions.Get(t.Context(), "x")
	ends(t, err, dwolla.OutcomeOK)
	if n := len(s.requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
	if token.Token != "client-token-canary" || session.Links.ExternalProviderSession.IsZero() {
		t.Fatal("the caller does not get them")
	}
	for sink, write := range sinks {
		if sink == "json.Marshal" || sink == "a dump" {
			continue
		}
		for _, v := range []any{token, *token, session, session.Links, session.Links.ExternalProviderSession, session.Extra} {
			if text := write(v); strings.Contains(text, "canary") {
				t.Errorf("%s of %T: %s", sink, v, text)
			}
		}
	}
}

// A secretKind is something that must be in no text, and a call that carries it.
type secretKind struct {
	name, canary string
	call         func(context.Context, *dwolla.Client) error
	model        any // that holds it; nil when none does
}

func secretKinds() []secretKind {
	const (
		ssn, dob, account, routing = "987-65-4329", "1969-04-13", "9210384756", "021000021"
	)
	customers := func(body dwolla.CreateCustomer) func(context.Context, *dwolla.Client) error {
		return func(ctx context.Context, c *dwolla.Client) error { _, err := c.Customers.Create(ctx, body); return err }
	}
	sources := func(body dwolla.CreateCustomerFundingSource) func(context.Context, *dwolla.Client) error {
		return func(ctx context.Context, c *dwolla.Client) error {
			_, err := c.FundingSources.CreateForCustomer(ctx, "customer", body)
			return err
		}
	}
	anything := func(ctx context.Context, c *dwolla.Client) error { _, err := c.Customers.Get(ctx, "x"); return err }
	personalCustomer := dwolla.CreatePersonalCustomer{
		FirstName: "Canaryfirst", LastName: "Canarylast", Email: "canary@example.com", Phone: "5550194444", Address1: "13 Canary Row",
		IPAddress: "203.0.113.77", PostalCode: "99709", City: "Canaryville", State: "AK", DateOfBirth: dob, SSN: ssn,
	}
	business := dwolla.CreateBusinessCustomer{BusinessName: "Canary Holdings", EIN: "00-7654321"}
	owner := dwolla.CreateBeneficialOwner{Passport: dwolla.Passport{Number: "CANARY-P-77", Country: "CA"}}
	bank := dwolla.CreateCustomerBankFundingSource{AccountNumber: account, RoutingNumber: routing, Name: "n"}
	plaid := dwolla.CreateCustomerPlaidFundingSource{PlaidToken: "processor-sandbox-canary", Name: "n"}
	hook := dwolla.CreateWebhookSubscription{URL: "https://example.com/hook", Secret: "webhook-canary"}
	return []secretKind{
		{"the application's secret", "app-secret-canary", anything, nil},
		{"Basic", base64.StdEncoding.EncodeToString([]byte("key:app-secret-canary")), anything, nil},
		{"the access token", "bearer-canary", anything, nil},
		{"an SSN", ssn, customers(personalCustomer), personalCustomer},
		{"a date of birth", dob, customers(personalCustomer), personalCustomer},
		{"a first name", "Canaryfirst", customers(personalCustomer), personalCustomer},
		{"a last name", "Canarylast", customers(personalCustomer), &personalCustomer},
		{"an e-mail address", "canary@example.com", customers(personalCustomer), personalCustomer},
		{"a phone number", "5550194444", customers(personalCustomer), personalCustomer},
		{"a street", "13 Canary Row", customers(personalCustomer), personalCustomer},
		{"an IP address", "203.0.113.77", customers(personalCustomer), personalCustomer},
		{"a business name", "Canary Holdings", customers(business), business},
		{"an EIN", "00-7654321", customers(business), business},
		{"a passport number", "CANARY-P-77", func(ctx context.Context, c *dwolla.Client) error {
			_, err := c.BeneficialOwners.CreateForCustomer(ctx, "customer", owner)
			return err
		}, owner},
		{"an account number", account, sources(bank), bank},
		{"a routing number", routing, sources(bank), bank},
		{"a Plaid token", "processor-sandbox-canary", sources(plaid), plaid},
		{"a webhook secret", "webhook-canary", func(ctx context.Context, c *dwolla.Client) error {
			_, err := c.WebhookSubscriptions.Create(ctx, hook)
			return err
		}, hook},
		{"a client token", "client-token-canary", anything, dwolla.ClientToken{Token: "client-token-canary"}},
		{"a session's URL", "md-connect-canary", anything, dwolla.LinkTo[dwolla.Object]("https://int-widgets.moneydesktop.com/md-connect-canary")},
		{"an available connection", "connection-canary", anything, dwolla.AvailableExchangeConnection{AvailableConnectionToken: "connection-canary"}},
		{"a search", "search-canary", func(ctx context.Context, c *dwolla.Client) error {
			_, err := c.Customers.List(ctx, dwolla.ListCustomersParams{Search: "search-canary"})
			return err
		}, dwolla.ListCustomersParams{Search: "search-canary"}},
		{"an unknown member", "tax-canary", anything, dwolla.Customer{ID: "x", Extra: dwolla.Extra{"tax": json.RawMessage(`"tax-canary"`)}}},
		{"a file's name", "canary-passport.png", anything, dwolla.CreateDocument{File: dwolla.File{Name: "canary-passport.png"}}},
	}
}

// TestGoal12_SecretsAreInNoText carries every kind of secret through calls that fail in every way, and looks for it in
// every sink of every value that a caller gets.
func TestGoal12_SecretsAreInNoText(t *testing.T) {
	kinds, hits, looks := secretKinds(), 0, 0
	look := func(t *testing.T, kind secretKind, where string, v any, skip ...string) {
		for sink, write := range sinks {
			if slices.Contains(skip, sink) {
				continue
			}
			looks++
			if text := write(v); strings.Contains(text, kind.canary) {
				hits++
				t.Errorf("%s of %s shows %s: %.300s", sink, where, kind.name, text)
			}
		}
	}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			if kind.model != nil { // json.Marshal and a dump are how a caller asks for the data
				look(t, kind, "the model", kind.model, "json.Marshal", "a dump")
			}
			for _, status := range []int{400, 401, 403, 404, 409, 429, 500, 503, 302, 200} {
				synctest.Test(t, func(t *testing.T) {
					var log bytes.Buffer
					handler := slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})
					var resp *http.Response
					transport := roundTripper(func(req *http.Request) (*http.Response, error) {
						if req.URL.Path == "/token" && status != 401 {
							return reply(200, `{"access_token":"bearer-canary","expires_in":3600}`), nil
						}
						if req.Body == nil {
							req.Body = http.NoBody
						}
						resp = echo(status)(1, req)
						return resp, nil
					})
					client, err := dwolla.NewClient(
						dwolla.Sandbox, "key", "app-secret-canary",
						dwolla.WithHTTPClient(&http.Client{Transport: transport}), dwolla.WithLogger(slog.New(handler)),
					)
					if err != nil {
						t.Fatal(err)
					}
					err = kind.call(t.Context(), client)
					look(t, kind, fmt.Sprintf("the error of a %d", status), err)
					look(t, kind, "the client", client)
					looks++
					if strings.Contains(log.String(), kind.canary) {
						hits++
						t.Errorf("the log shows it: %s", log.String())
					}
				})
			}
		})
	}
	t.Logf("G12: %d kinds x %d sinks, %d looks, %d hits", len(kinds), len(sinks)+1, looks, hits)
}

// codes returns every code that the contract names.
func codes(t *testing.T) []string {
	t.Helper()
	source, err := os.ReadFile("../gen/facts.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, match := range regexp.MustCompile(`api\.Code += "([A-Za-z_]+)"`).FindAllSubmatch(source, -1) {
		found = append(found, string(match[1]))
	}
	if len(found) < 40 {
		t.Fatalf("%d codes", len(found))
	}
	return found
}

func TestFault224_NoNameOfACustomerChangesACodeOrAPointer(t *testing.T) {
	all := codes(t)
	names := []string{
		"Val", "Max", "Tim", "Ina", "Read", "Only", "Not", "Found", "Dup", "Ser", "Ess", "items", "Items", "amount", "Err",
		"Invalid", "Unknown", "Duplicate", "Required", "Restricted", "ReadOnly", "invalid_client", "Conflict", "SSN", "ssn", "Error",
	}
	answered, compared := 0, 0
	for _, name := range names {
		for i, code := range all {
			var fields []map[string]string
			var words strings.Builder // the same code, as Dwolla writes it elsewhere
			for at, r := range code {
				if at > 0 && 'A' <= r && r <= 'Z' {
					words.WriteByte(' ')
				}
				words.WriteRune(r)
			}
			for _, written := range []string{code, strings.ToLower(words.String()), strings.ReplaceAll(words.String(), " ", "-")} {
				fields = append(fields, map[string]string{"code": written, "path": "/items/" + fmt.Sprint(i) + "/amount", "message": "m"})
			}
			fields = append(fields, map[string]string{"code": "Invalid", "path": "/_links/" + name + "/ssn"})
			body, err := json.Marshal(map[string]any{"code": code, "message": "m", "_embedded": map[string]any{"errors": fields}})
			if err != nil {
				t.Fatal(err)
			}
			s := newStub(t, always(400, string(body)))
			_, err = s.client.Customers.Create(t.Context(), dwolla.CreatePersonalCustomer{FirstName: name, LastName: name, City: name})
			answered++
			e, ok := errors.AsType[*dwolla.Error](err)
			if !ok || string(e.Code) != code || !errors.Is(err, dwolla.Code(code)) || len(e.Fields) != len(fields) {
				t.Fatalf("customer %s: %s became %q: %v", name, code, e.Code, err)
			}
			for j, f := range e.Fields {
				compared++
				if f.Code != fields[j]["code"] || f.Path != fields[j]["path"] || !errors.Is(err, dwolla.Code(fields[j]["code"])) {
					t.Fatalf("customer %s: %s became %q at %q", name, fields[j], f.Code, f.Path)
				}
			}
			if !strings.Contains(err.Error(), code) || !strings.Contains(logged(err, true), code) {
				t.Fatalf("customer %s: no %s in %s", name, code, err)
			}
		}
	}
	t.Logf("%d answers, %d fields", answered, compared)
}

func TestFault225_OnlyWholeWordsAreMaskedWhateverTheirCase(t *testing.T) {
	const said = "Ann, ANN and ann of Annual Hannah Co (JOSÉ LEE-ÅS; josé lee-ås) at 7 Elm St. sleep in the West Elms"
	const want = "[redacted], [redacted] and [redacted] of Annual Hannah Co ([redacted]; [redacted]) at [redacted] sleep in the West Elms"
	body, err := json.Marshal(map[string]any{"code": "ValidationError", "message": said, "_embedded": map[string]any{
		"errors": []any{map[string]any{"code": "Invalid", "path": "/firstName", "message": said, "given": said}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	s := newStub(t, always(400, string(body)))
	_, err = s.client.Customers.Create(t.Context(), dwolla.CreatePersonalCustomer{FirstName: "Ann", LastName: "José Lee-Ås", Address1: "7 Elm St."})
	ends(t, err, dwolla.OutcomeRejected)
	e, _ := errors.AsType[*dwolla.Error](err)
	if e.Message != want || e.Fields[0].Message != want || string(e.Fields[0].Extra["given"]) != `"[redacted]"` {
		t.Errorf("%s\n%s\n%s", e.Message, e.Fields[0].Message, e.Fields[0].Extra["given"])
	}
}

func TestFault226_NoMessageOfDwollaIsInTheTextOfAnError(t *testing.T) {
	const who = "Customer Jane Doe (jane@example.com, born 1980-01-02) is suspended"
	body, err := json.Marshal(map[string]any{"code": "Forbidden", "message": who, "_embedded": map[string]any{"errors": []any{
		map[string]any{"code": "NotAllowed", "path": "/metadata", "message": who},
		map[string]any{"code": "Jane Doe is suspended", "path": "/metadata/Jane Doe", "message": "m"},
		map[string]any{"code": "Invalid", "path": "/metadata/123-45-6789"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(*dwolla.Client) error{
		"a read": func(c *dwolla.Client) error { return second(c.Customers.Get(t.Context(), "x")) },
		"a list": func(c *dwolla.Client) error {
			return second(c.Customers.List(t.Context(), dwolla.ListCustomersParams{}))
		},
		"a write": func(c *dwolla.Client) error { return second(c.Transfers.Create(t.Context(), aTransfer())) },
	} {
		s := newStub(t, always(403, string(body), "X-Request-Id", "req-1"))
		err := call(s.client)
		e, ok := errors.AsType[*dwolla.Error](err)
		if !ok || e.Message != who || e.Fields[0].Message != who {
			t.Fatalf("%s: the caller does not get the message: %v", name, err)
		}
		for sink, write := range sinks {
			if sink == "json.Marshal" || sink == "a dump" {
				continue
			}
			for _, v := range []any{err, fmt.Errorf("pay: %w", err), e.Fields, e.Fields[0], &e.Fields[1]} {
				if _, list := v.([]api.FieldError); list && sink == "slog JSON" {
					continue // which is json.Marshal
				}
				text := write(v)
				for _, personal := range []string{"Jane", "Doe", "jane", "1980", "suspended", "123-45", hex.EncodeToString([]byte("Jane"))} {
					if strings.Contains(text, personal) {
						t.Errorf("%s, %s of %T: %s", name, sink, v, text)
						break
					}
				}
			}
		}
		for _, kept := range []string{"403", "Forbidden", "NotAllowed at /metadata", "req-1"} {
			if !strings.Contains(err.Error(), kept) {
				t.Errorf("%s: no %s in %s", name, kept, err)
			}
		}
	}
}

type giveUp struct{ text string }

func (e giveUp) Error() string { return e.text }

func TestFault227_TheTextOfAForeignTransportHoldsNoURLOfTheRequest(t *testing.T) {
	inner := errors.New("dial tcp: connection refused")
	var rawQuery string
	for name, fail := range map[string]func(*http.Request) error{
		"the URL":          func(r *http.Request) error { return giveUp{"GET " + r.URL.String() + " giving up after 2 attempt(s)"} },
		"the path":         func(r *http.Request) error { return giveUp{"GET " + r.URL.RequestURI() + ": giving up"} },
		"the query":        func(r *http.Request) error { return giveUp{"asked for " + r.URL.RawQuery} },
		"a value":          func(*http.Request) error { return giveUp{"nobody is called JANE doe, or jane.doe@example.com"} },
		"an escaped value": func(*http.Request) error { return giveUp{"nobody is jane.doe%40example.com or Jane%20Doe"} },
		"a cause":          func(r *http.Request) error { return fmt.Errorf("GET %s: %w", r.URL, inner) },
		"a proxy": func(r *http.Request) error {
			return fmt.Errorf("GET %s: %w", r.URL, errors.New("http://jane:doe@proxy.test refused"))
		},
		"within net/url": func(r *http.Request) error {
			return &url.Error{Op: "Get", URL: r.URL.String(), Err: giveUp{"GET " + r.URL.String()}}
		},
	} {
		client, err := dwolla.NewClient(dwolla.Sandbox, "key", "secret", dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}), dwolla.WithHTTPClient(&http.Client{
			Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				if req.URL.Path == "/token" {
					return reply(200, `{"access_token":"bearer-canary"}`), nil
				}
				rawQuery = req.URL.RawQuery
				return nil, fail(req)
			}),
		}))
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Customers.List(t.Context(), dwolla.ListCustomersParams{Search: "Jane Doe", Email: "jane.doe@example.com"})
		if !strings.Contains(rawQuery, "jane.doe%40example.com") {
			t.Fatalf("the query is %s", rawQuery)
		}
		for _, shown := range []string{"jane", "Jane", "JANE", "doe", "Doe", "example.com", "/customers"} {
			for sink, write := range sinks {
				if text := write(err); sink != "a dump" && sink != "json.Marshal" && strings.Contains(text, shown) {
					t.Errorf("%s: %s shows %s: %s", name, sink, shown, text)
					break
				}
			}
		}
		switch typed, ok := errors.AsType[giveUp](err); {
		case name == "a cause":
			if !errors.Is(err, inner) || !strings.Contains(err.Error(), inner.Error()) {
				t.Errorf("%s: the cause is lost: %v", name, err)
			}
		case name != "a proxy" && (!ok || typed.text == ""):
			t.Errorf("%s: errors.As does not find the transport's error in %v", name, err)
		}
		if strings.HasPrefix(name, "the ") && name != "the query" && !strings.Contains(err.Error(), "giveUp") {
			t.Errorf("%s: no type in %v", name, err)
		}
	}
}
