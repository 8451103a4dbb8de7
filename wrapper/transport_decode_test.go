package dwolla_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/wire"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestFault062_ACreationIsDoneWhateverItsLocationIs(t *testing.T) {
	for name, tt := range map[string]struct {
		header []string
		id     string
		get    error
	}{
		"its own":    {[]string{"Location", sandbox + "/transfers/t1"}, "t1", nil},
		"plain http": {[]string{"Location", "http://api-sandbox.dwolla.com/transfers/t1"}, "t1", nil},
		"relative":   {[]string{"Location", "/transfers/t1"}, "t1", nil},
		"twice":      {[]string{"Location", "/transfers/t1", "Location", "/transfers/t1"}, "t1", nil},
		"foreign":    {[]string{"Location", "https://evil.test/transfers/t1"}, "", dwolla.ErrForeignLink},
		"production": {[]string{"Location", "https://api.dwolla.com/transfers/t1"}, "", dwolla.ErrEnvironment},
		"missing":    {nil, "", dwolla.ErrNoLocation},
		"empty":      {[]string{"Location", ""}, "", dwolla.ErrNoLocation},
		"two":        {[]string{"Location", "/transfers/t1", "Location", "/transfers/t2"}, "", dwolla.ErrNoLocation},
		"no URL":     {[]string{"Location", "%zz"}, "", dwolla.ErrMalformedLink},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, func(n int, _ *http.Request) *http.Response {
				if n == 1 {
					return reply(201, "", tt.header...)
				}
				return reply(404, `{"code":"NotFound"}`)
			})
			ref, err := s.client.Transfers.Create(t.Context(), aTransfer())
			ends(t, err, dwolla.OutcomeOK)
			if ref == nil || ref.ID() != tt.id {
				t.Fatalf("the reference is %v, want id %q", ref, tt.id)
			}
			_, err = ref.Get(t.Context())
			if tt.get != nil {
				ends(t, err, dwolla.OutcomeBadResponse, tt.get)
				s.sends(t, 1)
				return
			}
			ends(t, err, dwolla.OutcomeRejected, dwolla.ErrNotFound) // of the reading alone
			s.sends(t, 2)
		})
	}
}

func TestFault308_ALocationThatIsNoneOfTheCreatedKindGivesNoID(t *testing.T) {
	const id = "0a1b2c3d-0000-4000-8000-00000000000f"
	for location, want := range map[string]string{
		sandbox + "/transfers/" + id: id, "/transfers/" + id: id, "/transfers/" + id + "/?trace=1": id, "transfers/" + id: id,
		"http://api-sandbox.dwolla.com/transfers/" + id: id,
		"/login?x": "", "/login?to=/transfers/" + id: "", "/": "", "/transfers": "", "/transfers/": "", "/transfers/?x=1": "",
		"/customers/" + id: "", sandbox + "/mass-payments/" + id: "", "/transfers/" + id + "/failure": "",
		"https://evil.test/transfers/" + id: "", "https://api.dwolla.com/transfers/" + id: "", "/transfers/..": "", "//transfers/" + id: "",
	} {
		s := newStub(t, always(201, "", "Location", location))
		ref, err := s.client.Transfers.Create(t.Context(), aTransfer())
		ends(t, err, dwolla.OutcomeOK)
		if ref == nil || ref.ID() != want {
			t.Errorf("%s: the reference is %v, want id %q", location, ref, want)
		}
		s.sends(t, 1)
	}
	for location, want := range map[string]string{"/things/x": "x", "/things": "", "/things/": "", "/login?x": ""} {
		s := newStub(t, always(201, "", "Location", location))
		ref, err := s.client.Post(t.Context(), "/anything", map[string]string{"a": "b"}, nil)
		ends(t, err, dwolla.OutcomeOK)
		if ref == nil || ref.ID() != want {
			t.Errorf("Post, %s: the reference is %v, want id %q", location, ref, want)
		}
	}
}

func TestFault068_UnknownMembersAreKept(t *testing.T) {
	in := `{"id":"x","new":{"a":[1.50,{"b":null}]},"_links":{"self":{"href":"/customers/x","name":"n"},"new-rel":{"href":"/y"}},"controller":{"firstName":"F","later":1e400}}`
	customer, err := get(t, in)
	ends(t, err, dwolla.OutcomeOK)
	out, err := json.Marshal(customer)
	if err != nil {
		t.Fatal(err)
	}
	if missing := lost(parse(t, []byte(in)), parse(t, out), ""); len(missing) > 0 {
		t.Errorf("lost: %v", missing)
	}
}

func TestFault069_EnumsAreOpen(t *testing.T) {
	customer, err := get(t, `{"id":"x","status":"held_v2"}`)
	ends(t, err, dwolla.OutcomeOK)
	if customer.Status != "held_v2" || customer.Status.Known() || !dwolla.CustomerStatusVerified.Known() {
		t.Errorf("status %q, known %t", customer.Status, customer.Status.Known())
	}
	s := newStub(t, always(200, `{"id":"e","topic":"customer_teleported"}`))
	event, err := s.client.Events.Get(t.Context(), "e")
	ends(t, err, dwolla.OutcomeOK)
	if event.Topic != "customer_teleported" {
		t.Errorf("topic %q", event.Topic)
	}
	s.sends(t, 1)
}

func TestFault070_NullMissingAndEmptyAreWrittenAsMissing(t *testing.T) {
	for _, body := range []string{
		`{"id":"x","firstName":null,"address1":null,"_links":null,"controller":null}`,
		`{"id":"x"}`,
		`{"id":"x","firstName":"","address1":"","_links":{},"controller":{}}`,
	} {
		customer, err := get(t, body)
		ends(t, err, dwolla.OutcomeOK)
		out, err := json.Marshal(customer)
		if err != nil || string(out) != `{"id":"x"}` {
			t.Errorf("%s became %s, %v", body, out, err)
		}
	}
}

// mutantsOf yields v with each of its values replaced by each of the others.
func mutantsOf(v any, others []string) func(func(string) bool) {
	return func(yield func(string) bool) {
		var visit func(at any, set func(any)) bool
		emit := func(set func(any), old any) bool {
			for _, other := range others {
				set(json.RawMessage(other))
				out, err := json.Marshal(v)
				set(old)
				if err == nil && !yield(string(out)) {
					return false
				}
			}
			return true
		}
		visit = func(at any, set func(any)) bool {
			if set != nil && !emit(set, at) {
				return false
			}
			switch at := at.(type) {
			case map[string]any:
				for k, e := range at {
					if !visit(e, func(n any) { at[k] = n }) {
						return false
					}
				}
			case []any:
				for i, e := range at {
					if !visit(e, func(n any) { at[i] = n }) {
						return false
					}
				}
			}
			return true
		}
		visit(v, nil)
	}
}

// TestFault071_AValueOfAnotherTypeIsAnErrorWithItsPath puts every kind of value in the place of every value of documented payloads.
func TestFault071_AValueOfAnotherTypeIsAnErrorWithItsPath(t *testing.T) {
	others := []string{`null`, `true`, `7`, `-1.5`, `"text"`, `[]`, `[1,"a",null]`, `{}`, `{"href":1}`}
	read := map[string]func() json.Unmarshaler{
		"getTransfer":          func() json.Unmarshaler { return new(dwolla.Transfer) },
		"getCustomer":          func() json.Unmarshaler { return new(dwolla.Customer) },
		"listMassPaymentItems": func() json.Unmarshaler { return new(dwolla.MassPaymentItemPage) },
		"getFundingSource":     func() json.Unmarshaler { return new(dwolla.FundingSource) },
	}
	payloads := map[string][]string{
		"getTransfer":          {`{"_links":{"self":{"href":"/t"},"cancel":[{"href":"/a"}]},"id":"i","status":"pending","amount":{"value":"1.00","currency":"USD"},"created":"2026-01-01T00:00:00Z","metadata":{"a":"b"},"clearing":{"source":"standard"},"achDetails":{"source":{"addenda":{"values":["a"]}}}}`},
		"getCustomer":          {`{"_links":{"self":{"href":"/c"}},"id":"i","firstName":"A","controller":{"firstName":"B","address":{"city":"C"}},"_embedded":{"errors":[{"code":"x"}]}}`},
		"listMassPaymentItems": {`{"_links":{"next":{"href":"/n"}},"_embedded":{"items":[{"id":"i","amount":{"value":"1","currency":"USD"},"metadata":{"k":"v"},"_embedded":{"errors":[{"code":"c","path":"/p"}]}}]},"total":1}`},
		"getFundingSource":     {`{"_links":{"self":{"href":"/f"}},"id":"i","removed":false,"channels":["ach"],"fingerprint":"ab"}`},
	}
	for op := range payloads {
		files, _ := filepath.Glob("testdata/fixtures/" + op + "__200__*.json")
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			payloads[op] = append(payloads[op], string(data))
		}
	}
	mutants, refused := 0, 0
	for op, list := range payloads {
		for _, body := range list {
			for mutant := range mutantsOf(parse(t, []byte(body)), others) {
				mutants++
				if err := read[op]().UnmarshalJSON([]byte(mutant)); err != nil {
					refused++
					if !strings.Contains(err.Error(), `"/`) && !strings.Contains(err.Error(), `""`) {
						t.Errorf("the error does not say where: %v", err)
					}
				}
			}
		}
	}
	t.Logf("%d mutants: %d refused with their place, %d tolerated, none panicked", mutants, refused, mutants-refused)
	if refused == 0 || mutants < 300 {
		t.Error("the mutants were not read")
	}
	_, err := get(t, `{"id":"x","controller":{"address":{"city":7}}}`)
	ends(t, err, dwolla.OutcomeBadResponse)
	if !strings.Contains(err.Error(), "/controller/address/city") {
		t.Errorf("the error does not name the path: %v", err)
	}
}

// getTransfer reads a transfer whose text is body.
func getTransfer(t *testing.T, body string) (*dwolla.Transfer, error) {
	t.Helper()
	s := newStub(t, always(200, body))
	transfer, err := s.client.Transfers.Get(t.Context(), "x")
	s.sends(t, 1)
	return transfer, err
}

func TestFault072_AmountsAreExactDecimals(t *testing.T) {
	for text, want := range map[string]string{
		`"12.50"`: "12.50", `12.5`: "12.5", `12`: "12", `"-0"`: "-0", `"12.505"`: "12.505", `"` + strings.Repeat("9", 400) + `"`: strings.Repeat("9", 400),
	} {
		transfer, err := getTransfer(t, `{"id":"x","amount":{"value":`+text+`,"currency":"USD"}}`)
		ends(t, err, dwolla.OutcomeOK)
		if err == nil && transfer.Amount.Amount != want {
			t.Errorf("%s was read as %q", text, transfer.Amount.Amount)
		}
		out, err := json.Marshal(transfer)
		if err != nil || !strings.Contains(string(out), `"value":`+text) {
			t.Errorf("%s was written as %s, %v", text, out, err)
		}
	}
	for _, text := range []string{`true`, `[]`, `{}`, `01`, `1.`, `+1`, `NaN`} {
		_, err := getTransfer(t, `{"id":"x","amount":{"value":`+text+`,"currency":"USD"}}`)
		ends(t, err, dwolla.OutcomeBadResponse)
	}
	for _, value := range []string{"", "-0", "0", "0.00", "-1", "12.505", "1e3", "NaN", "1,000.00", " 1", "1 ", "+1", "0x1", strings.Repeat("9", 400), "١"} {
		s := newStub(t, always(201, "", "Location", "/transfers/x"))
		transfer := aTransfer()
		transfer.Amount = dwolla.Money{Amount: value, Currency: "USD"}
		_, err := s.client.Transfers.Create(t.Context(), transfer)
		ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
		s.sends(t, 0)
	}
}

func TestFault073_IntegersThatDoNotFitAreErrors(t *testing.T) {
	for text, want := range map[string]dwolla.Outcome{
		"1": dwolla.OutcomeOK, "-1": dwolla.OutcomeOK,
		"9223372036854775808": dwolla.OutcomeBadResponse, "18446744073709551617": dwolla.OutcomeBadResponse,
		"1e400": dwolla.OutcomeBadResponse, "1.0": dwolla.OutcomeOK, "1.1": dwolla.OutcomeBadResponse, "1e2": dwolla.OutcomeBadResponse,
	} {
		s := newStub(t, always(200, `{"_embedded":{"customers":[]},"total":`+text+`}`))
		_, err := s.client.Customers.List(t.Context(), dwolla.ListCustomersParams{})
		ends(t, err, want)
		s.sends(t, 1)
	}
	for _, number := range []string{"9007199254740993", "123456789012345678901234567890", "1e400"} {
		customer, err := get(t, `{"id":"x","serial":`+number+`}`)
		ends(t, err, dwolla.OutcomeOK)
		if err == nil && string(customer.Extra["serial"]) != number {
			t.Errorf("%s was kept as %s", number, customer.Extra["serial"])
		}
	}
}

func TestFault074_CurrenciesAreKeptAndNeverMixed(t *testing.T) {
	for _, currency := range []string{"USD", "", "usd", "XTS"} {
		transfer, err := getTransfer(t, fmt.Sprintf(`{"id":"x","amount":{"value":"1.00","currency":%q}}`, currency))
		ends(t, err, dwolla.OutcomeOK)
		if err == nil && transfer.Amount.Currency != currency {
			t.Errorf("%q was read as %q", currency, transfer.Amount.Currency)
		}
	}
	if _, err := (dwolla.Money{Amount: "1", Currency: "USD"}).Add(dwolla.Money{Amount: "1", Currency: "EUR"}); err == nil {
		t.Error("dollars and euros were added")
	}
}

func TestFault075_TimesAreKeptAsTheyCame(t *testing.T) {
	for text, parses := range map[string]bool{
		"2026-01-02T03:04:05.678Z": true, "2026-01-02T03:04:05.123456789Z": true, "2026-01-02T03:04:05+02:00": true,
		"2026-01-02T03:04:05": true, "0000-01-01T00:00:00Z": true, "9999-12-31T23:59:59Z": true,
		"2026-06-30T23:59:60Z": false, "": false, "yesterday": false,
	} {
		transfer, err := getTransfer(t, fmt.Sprintf(`{"id":"x","created":%q}`, text))
		ends(t, err, dwolla.OutcomeOK)
		if string(transfer.Created) != text {
			t.Errorf("%q was read as %q", text, transfer.Created)
		}
		if _, err := transfer.Created.Time(); (err == nil) != parses {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestFault076_InvalidTextIsReadAndNeverSent(t *testing.T) {
	for text, want := range map[string]dwolla.Outcome{
		"\"\xff\"": dwolla.OutcomeOK, `"\ud800"`: dwolla.OutcomeOK, `"\udc00\ud800"`: dwolla.OutcomeOK,
		"\"\x00\"": dwolla.OutcomeBadResponse, `"\u0000"`: dwolla.OutcomeOK, `"\u202e"`: dwolla.OutcomeOK, `"\ud83d\ude00"`: dwolla.OutcomeOK,
	} {
		_, err := get(t, `{"id":"x","firstName":`+text+`}`)
		ends(t, err, want)
	}
	_, err := get(t, "\ufeff"+`{"id":"x"}`)
	ends(t, err, dwolla.OutcomeBadResponse)
	for _, text := range []string{"\xff", "a\xc3", "\xed\xa0\x80"} {
		s := newStub(t, always(201, "", "Location", "/transfers/x"))
		transfer := aTransfer()
		transfer.Metadata = map[string]string{"note": text}
		_, err := s.client.Transfers.Create(t.Context(), transfer)
		ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
		_, err = s.client.Customers.Create(t.Context(), dwolla.CreateUnverifiedCustomer{FirstName: text, LastName: "b", Email: "c@example.com"})
		ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
		s.sends(t, 0)
	}
}

func TestFault077_KeysAreMatchedExactlyAndNeverTwice(t *testing.T) {
	transfer, err := getTransfer(t, `{"id":"x","status":"processed","STATUS":"failed"}`)
	ends(t, err, dwolla.OutcomeOK)
	if transfer.Status != "processed" || transfer.Extra["STATUS"] == nil {
		t.Errorf("status %q, %v", transfer.Status, transfer.Extra)
	}
	for _, body := range []string{
		`{"id":"x","status":"processed","status":"failed"}`,
		`{"id":"x","amount":{"value":"1","value":"2"}}`,
		`{"id":"x","_links":{"self":{"href":"/a","href":"/b"}}}`,
		`{"id":"x","new":1,"new":2}`, `{"id":"x","metadata":{"a":"1","a":"2"}}`,
		`{"id":"x","st\u0061tus":"processed","status":"failed"}`,
	} {
		_, err := getTransfer(t, body)
		ends(t, err, dwolla.OutcomeBadResponse)
	}
}

func TestFault078_WhatIsNoResourceIsABadResponse(t *testing.T) {
	for _, body := range []string{
		`{"id":"x"}}`, `{"id":"x"} x`, `{"id":"x"}{"id":"y"}`, `null`, `[]`, `""`, `{}`, ` { } `, `0`, `true`, `{"id":"x"`, `{"id":"x",}`, "\x00",
	} {
		t.Run(body, func(t *testing.T) {
			customer, err := get(t, body)
			ends(t, err, dwolla.OutcomeBadResponse, dwolla.ErrBadResponse)
			if customer != nil {
				t.Errorf("got %v besides the error", customer)
			}
		})
	}
}

func TestFault079_NoBodyWhereAResourceIsDueIsABadResponse(t *testing.T) {
	for _, status := range []int{200, 202, 204} {
		s := newStub(t, always(status, ""))
		_, err := s.client.Customers.Get(t.Context(), "x")
		ends(t, err, dwolla.OutcomeBadResponse)
		if e, ok := errors.AsType[*dwolla.Error](err); !ok || e.Committed || e.StatusCode != status {
			t.Errorf("%d: %v", status, err)
		}
		s.sends(t, 1)
		s = newStub(t, always(status, ""))
		_, err = s.client.Transfers.Cancel(t.Context(), "x")
		if status != 200 { // which is not documented for it
			ends(t, err, dwolla.OutcomeUnknown)
			s.sends(t, 1)
			continue
		}
		ends(t, err, dwolla.OutcomeBadResponse)
		if e, ok := errors.AsType[*dwolla.Error](err); !ok || !e.Committed {
			t.Errorf("%d to a POST: %v", status, err)
		}
		s.sends(t, 1)
	}
}

func TestFault080_ACreationWithoutALocationIsDone(t *testing.T) {
	s := newStub(t, always(201, ""))
	ref, err := s.client.Transfers.Create(t.Context(), aTransfer())
	ends(t, err, dwolla.OutcomeOK)
	if ref.ID() != "" || ref.Href != "" {
		t.Errorf("the reference is %v", ref)
	}
	_, err = ref.Get(t.Context())
	ends(t, err, dwolla.OutcomeBadResponse, dwolla.ErrNoLocation)
	if !strings.Contains(err.Error(), "created") {
		t.Errorf("the error does not say that it was created: %v", err)
	}
	s.sends(t, 1)
}

func checkPage(t *testing.T, err error, status int) {
	t.Helper()
	e, ok := errors.AsType[*dwolla.Error](err)
	if !ok || e.StatusCode != status || e.RequestID != "req-1" || e.Committed {
		t.Errorf("the error is %#v", e)
	}
	if strings.Contains(fmt.Sprintf("%+v", err), "canary-page") {
		t.Errorf("the error quotes the page: %v", err)
	}
	if !bytes.Contains(e.Body(), []byte("canary-page")) {
		t.Error("the page is not in Body")
	}
}

func TestFault081_AnHTMLPageIsAnErrorThatDoesNotQuoteIt(t *testing.T) {
	const page = `<!DOCTYPE html><title>Just a moment…</title><p>canary-page</p>`
	for status, outcomes := range map[int][2]dwolla.Outcome{ // of a GET, of a POST
		200: {dwolla.OutcomeBadResponse, dwolla.OutcomeUnknown},
		201: {dwolla.OutcomeBadResponse, dwolla.OutcomeUnknown},
		403: {dwolla.OutcomeRejected, dwolla.OutcomeUnknown},
		502: {dwolla.OutcomeBadResponse, dwolla.OutcomeUnknown},
		503: {dwolla.OutcomeBadResponse, dwolla.OutcomeUnknown},
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answer := always(status, "\n "+page, "Content-Type", "text/html", "X-Request-Id", "req-1")
				attempts := 1
				if status >= 500 {
					attempts = 3
				}
				s := newStub(t, answer)
				_, err := s.client.Customers.Get(t.Context(), "x")
				ends(t, err, outcomes[0])
				s.sends(t, attempts)
				checkPage(t, err, status)
				s = newStub(t, answer)
				_, err = s.client.Transfers.Create(t.Context(), aTransfer())
				ends(t, err, outcomes[1])
				s.sends(t, attempts)
				checkPage(t, err, status)
			})
		})
	}
}

func TestFault082_JSONIsReadWhateverItsContentType(t *testing.T) {
	for _, contentType := range []string{"text/html", "text/plain", "", "application/hal+json; charset=UTF-8", api.MediaTypeHAL + ";charset=utf-8", "bogus//"} {
		s := newStub(t, always(200, `{"id":"x"}`, "Content-Type", contentType))
		customer, err := s.client.Customers.Get(t.Context(), "x")
		ends(t, err, dwolla.OutcomeOK)
		if customer.ID != "x" {
			t.Errorf("%q: got %v", contentType, customer)
		}
		s.sends(t, 1)
	}
}

func TestFault083_DeepLongAndWideBodiesAreBounded(t *testing.T) {
	for name, body := range map[string]string{
		"10,001 deep in the unknown": `{"id":"x","a":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}`,
		"10,001 deep and open":       strings.Repeat(`{"a":`, 10_001),
	} {
		_, err := get(t, body)
		ends(t, err, dwolla.OutcomeBadResponse)
		if err == nil {
			t.Error(name)
		}
	}
	customer, err := get(t, `{"id":"x","firstName":"`+strings.Repeat("a", 10<<20)+`"}`)
	ends(t, err, dwolla.OutcomeOK)
	if len(customer.FirstName) != 10<<20 {
		t.Errorf("%d bytes", len(customer.FirstName))
	}
	var wide strings.Builder
	wide.WriteString(`{"id":"x"`)
	for i := range 100_000 {
		fmt.Fprintf(&wide, `,"k%d":1`, i)
	}
	wide.WriteString("}")
	_, err = get(t, wide.String())
	ends(t, err, dwolla.OutcomeBadResponse)
	_, err = get(t, `{"id":"x","long":"`+strings.Repeat("a", 33<<20)+`"}`)
	ends(t, err, dwolla.OutcomeBadResponse, dwolla.ErrTooLarge)
}

func TestFault084_ASuccessThatListsErrorsIsASuccess(t *testing.T) {
	customer, err := get(t, `{"id":"x","firstName":"A","_embedded":{"errors":[{"code":"Required","message":"m","path":"/ssn"}]},"errors":[{"code":"y"}]}`)
	ends(t, err, dwolla.OutcomeOK)
	if customer.FirstName != "A" || len(customer.Embedded.Errors) != 1 || customer.Extra["errors"] == nil {
		t.Errorf("the customer lost something: %v", customer)
	}
}

func TestFault393_TextThatIsNotValidDoesNotFillTheHeap(t *testing.T) {
	for _, text := range []string{"\xff", `\ud83d`} {
		doc := `{"id":"x","firstName":"` + strings.Repeat(text, (32<<20-4096)/len(text)) + `"}`
		s := newStub(t, always(200, doc))
		var err error
		used := peak(func() { _, err = s.client.Customers.Get(t.Context(), "x") })
		ends(t, err, dwolla.OutcomeBadResponse)
		if most := uint64(4*len(doc) + 8<<20); used > most {
			t.Errorf("%d MiB on the heap for a document of 32 MiB", used>>20)
		}
	}
	customer, err := get(t, `{"id":"x","firstName":"`+strings.Repeat("\xff", 1<<20)+`"}`)
	if ends(t, err, dwolla.OutcomeOK); err == nil && customer.FirstName != strings.Repeat("\ufffd", 1<<20) {
		t.Errorf("%d bytes", len(customer.FirstName))
	}
}

// The default limit of an answer is 32 MiB. What is beyond the bound is an answer that cannot be read, no more.
func TestFault244_AnAnswerThatWouldFillTheHeapCannotBeRead(t *testing.T) {
	const size = 32<<20 - 4096
	doc := `{"id":"x","_links":{"self":` + repeated(false, `{}`, size) + `}}`
	s := newStub(t, func(n int, _ *http.Request) *http.Response {
		if n%2 == 1 {
			return reply(200, doc)
		}
		return reply(200, `{"id":`)
	}, dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))
	for name, do := range map[string]func() error{
		"a read": func() error { _, err := s.client.Customers.Get(t.Context(), "c"); return err },
		"a write": func() error {
			_, err := s.client.Customers.Update(t.Context(), "c", dwolla.UpdateCustomerInformation{Email: "a@b.test"})
			return err
		},
	} {
		var err error
		used := peak(func() { err = do() })
		if most := uint64(4*len(doc) + 8<<20); used > most {
			t.Errorf("%s: %d MiB on the heap for a document of 32 MiB", name, used>>20)
		}
		if decode, ok := errors.AsType[*wire.DecodeError](err); !ok || !strings.HasPrefix(decode.Path, "/_links/self/") {
			t.Errorf("%s: %v", name, err)
		}
		if broken := do(); broken == nil || dwolla.OutcomeOf(err) != dwolla.OutcomeOf(broken) {
			t.Errorf("%s: it is %v, and %v for one that breaks off", name, dwolla.OutcomeOf(err), dwolla.OutcomeOf(broken))
		}
	}
}

// peak returns by how much f makes the heap grow at most, as it is seen now and then.
func peak(f func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(50)) // with the race detector, much garbage is not collected yet
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	before, most := sample[0].Value.Uint64(), uint64(0)
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	for {
		metrics.Read(sample)
		most = max(most, sample[0].Value.Uint64())
		select {
		case <-done:
			return most - min(before, most)
		case <-time.After(time.Millisecond):
		}
	}
}

func TestFault307_AnAnswerAboutAnotherResourceLeavesAWriteUnknown(t *testing.T) {
	const asked, other = "0a1b2c3d-0000-4000-8000-00000000000f", "0a1b2c3d-0000-4000-8000-0000000000aa"
	writes := map[string]func(*dwolla.Client, string) error{
		"Transfers.Cancel": func(c *dwolla.Client, id string) error { _, err := c.Transfers.Cancel(t.Context(), id); return err },
		"MassPayments.Update": func(c *dwolla.Client, id string) error {
			_, err := c.MassPayments.Update(t.Context(), id, dwolla.UpdateMassPayment{Status: "pending"})
			return err
		},
		"WebhookSubscriptions.Update": func(c *dwolla.Client, id string) error {
			_, err := c.WebhookSubscriptions.Update(t.Context(), id, dwolla.UpdateWebhookSubscription{})
			return err
		},
		"WebhookSubscriptions.Delete": func(c *dwolla.Client, id string) error {
			_, err := c.WebhookSubscriptions.Delete(t.Context(), id)
			return err
		},
		"Post": func(c *dwolla.Client, id string) error {
			_, err := c.Post(t.Context(), "/transfers/"+id+"/?x=1", map[string]string{"status": "cancelled"}, nil)
			return err
		},
		"Post to an href": func(c *dwolla.Client, id string) error {
			_, err := c.Post(t.Context(), sandbox+"/transfers/"+id, map[string]string{"status": "cancelled"}, new(dwolla.Transfer))
			return err
		},
	}
	for name, write := range writes {
		for answer, want := range map[string]dwolla.Outcome{
			asked: dwolla.OutcomeOK, strings.ToUpper(asked): dwolla.OutcomeOK, other: dwolla.OutcomeUnknown,
		} {
			for _, id := range []string{asked, strings.ToUpper(asked)} {
				s := newStub(t, always(200, `{"id":"`+answer+`","status":"cancelled","_links":{}}`))
				err := write(s.client, id)
				if dwolla.OutcomeOf(err) != want {
					t.Errorf("%s of %s, answered with %s: outcome %q: %v", name, id, answer, dwolla.OutcomeOf(err), err)
				}
				s.sends(t, 1)
			}
		}
	}
	// What does not show that it is the resource says nothing of it, whether it can be decoded or not.
	for _, body := range []string{
		`{"status":"ok"}`, `{"status":"cancelled"}`, `{"status":503,"error":"x"}`, `{"status":{"code":5}}`, `{"id":"` + other + `","status":5}`,
		`{"id":"` + other + `","status":"canc`, `{"id":"` + asked + `","_links":{"self":{"href":"` + sandbox + `/transfers/` + other + `"}},"status":"cancelled"}`,
		`{"_embedded":{"transfers":[]},"total":0}`,
	} {
		s := newStub(t, always(200, body))
		_, err := s.client.Transfers.Cancel(t.Context(), asked)
		if unknown, ok := errors.AsType[*dwolla.OutcomeUnknownError](err); !ok || unknown.Err.Committed {
			t.Errorf("%s: %v", body, err)
		}
	}
	// One that names it, and has something else that cannot be decoded, is of the resource.
	s := newStub(t, always(200, `{"id":"`+asked+`","status":5}`))
	_, err := s.client.Transfers.Cancel(t.Context(), asked)
	ends(t, err, dwolla.OutcomeBadResponse)
	if failed, ok := errors.AsType[*dwolla.Error](err); !ok || !failed.Committed {
		t.Errorf("%v", err)
	}
	// Something that was created below a resource has an id of its own.
	s = newStub(t, always(200, `{"id":"`+other+`","_links":{}}`))
	_, err = s.client.Post(t.Context(), "/customers/"+asked+"/things", map[string]string{"a": "b"}, nil)
	ends(t, err, dwolla.OutcomeOK)
}

func TestFault375_AReadOfAnotherResourceIsNotBelieved(t *testing.T) {
	const asked, other = "8a2d60ad-1f4c-4f3b-9d2e-0e1b7c5a9f10", "11111111-2222-3333-4444-555555555555"
	reads := map[string]struct {
		path, body string // of what is read, with a placeholder for the id; the body without its braces and links
		read       func(*dwolla.Client) error
	}{
		"a balance": {"/funding-sources/%s/balance", `"balance":{"value":"1.00","currency":"USD"}`, func(c *dwolla.Client) error {
			return second(c.FundingSources.GetBalance(t.Context(), asked))
		}},
		"why a transfer failed": {"/transfers/%s/failure", `"code":"R01","description":"x"`, func(c *dwolla.Client) error {
			return second(c.Transfers.GetFailure(t.Context(), asked))
		}},
		"fees": {"/transfers/%s/fees", `"fees":[],"total":0`, func(c *dwolla.Client) error {
			return second(c.Transfers.ListFees(t.Context(), asked))
		}},
		"transfers of a Customer": {"/customers/%s/transfers", `"_embedded":{"transfers":[]},"total":0`, func(c *dwolla.Client) error {
			return second(c.Transfers.ListForCustomer(t.Context(), asked, dwolla.ListCustomerTransfersParams{}))
		}},
		"mass payments of the account": {"/accounts/%s/mass-payments", `"_embedded":{"mass-payments":[]},"total":0`, func(c *dwolla.Client) error {
			return second(c.MassPayments.ListForAccount(t.Context(), asked, dwolla.ListAccountMassPaymentsParams{}))
		}},
		"a list that a link leads to": {"/customers/%s/transfers", `"_embedded":{"transfers":[]},"total":0`, func(c *dwolla.Client) error {
			return last(dwolla.FollowAll(t.Context(), c, dwolla.LinkTo[dwolla.TransferPage]("/customers/"+asked+"/transfers")))
		}},
	}
	for name, r := range reads {
		self := func(id string) string { return strings.Replace(r.path, "%s", id, 1) }
		selves := map[string]dwolla.Outcome{
			"": dwolla.OutcomeOK, self(asked): dwolla.OutcomeOK, sandbox + self(strings.ToUpper(asked)): dwolla.OutcomeOK,
			sandbox + "/gateway" + self(asked) + "?limit=25&offset=0": dwolla.OutcomeOK, sandbox + r.path[strings.LastIndex(r.path, "/"):]: dwolla.OutcomeOK,
			self(other): dwolla.OutcomeBadResponse, sandbox + self(other): dwolla.OutcomeBadResponse, sandbox + self(other) + "?limit=25": dwolla.OutcomeBadResponse,
		}
		if strings.HasPrefix(r.path, "/customers") {
			selves[sandbox+"/accounts/"+other+"/transfers"] = dwolla.OutcomeBadResponse
		}
		for href, want := range selves {
			s := newStub(t, always(200, `{"_links":{"self":{"href":"`+href+`"}},`+r.body+`}`))
			if err := r.read(s.client); dwolla.OutcomeOf(err) != want {
				t.Errorf("%s, self is %q: outcome %q: %v", name, href, dwolla.OutcomeOf(err), err)
			}
			s.sends(t, 1)
		}
	}
}
