package dwolla_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestGetKeepsTheQueryOfItsHref(t *testing.T) {
	for _, tt := range []struct {
		query url.Values
		want  string
	}{
		{nil, sandbox + "/transfers/x?a=1"},
		{url.Values{}, sandbox + "/transfers/x?a=1"},
		{url.Values{"b": {"2"}}, sandbox + "/transfers/x?a=1&b=2"},
	} {
		s := newStub(t, always(200, `{"id":"x"}`))
		if err := s.client.Get(t.Context(), "/transfers/x?a=1", tt.query, nil); err != nil {
			t.Fatal(err)
		}
		if got := s.requests()[0].URL; got != tt.want {
			t.Errorf("%v: asked for %s", tt.query, got)
		}
	}
}

func TestPostSendsABodyWhereItIsGivenOne(t *testing.T) {
	for body, want := range map[any]string{http.NoBody: "", 7: "7", "a": `"a"`, struct{ A int }{1}: `{"A":1}`} {
		s := newStub(t, always(200, `{"id":"x"}`))
		if _, err := s.client.Post(t.Context(), "/transfers/x", body, nil); err != nil {
			t.Fatal(err)
		}
		if got := string(s.requests()[0].Body); got != want {
			t.Errorf("%v was sent as %q", body, got)
		}
	}
}

func TestFault048_AMissingLinkIsATypedError(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		all  int
	}{
		"no links":            {`{"id":"x"}`, 0},
		"no relation":         {`{"id":"x","_links":{"self":{"href":"/customers/x"}}}`, 0},
		"null":                {`{"id":"x","_links":null}`, 0},
		"null for a relation": {`{"id":"x","_links":{"transfers":null}}`, 0},
		"an empty list":       {`{"id":"x","_links":{"transfers":[]}}`, 0},
		"a list of several":   {`{"id":"x","_links":{"transfers":[{"href":"/customers/x/transfers"},{"href":"/b"}]}}`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, func(n int, _ *http.Request) *http.Response {
				return reply(200, []string{tt.body, `{"_embedded":{"transfers":[]}}`}[n-1])
			})
			customer, err := s.client.Customers.Get(t.Context(), "x")
			if err != nil {
				t.Fatal(err)
			}
			if got := len(customer.Links.Transfers.All()); got != tt.all {
				t.Errorf("%d links, want %d", got, tt.all)
			}
			_, err = dwolla.Follow(t.Context(), s.client, customer.Links.Transfers)
			if tt.all > 0 {
				ends(t, err, dwolla.OutcomeOK)
				s.sends(t, 2)
				return
			}
			ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrNoLink)
			s.sends(t, 1)
		})
	}
}

func TestFault186_AQueryOfTheHrefAndOneOfTheCallerAreBothSent(t *testing.T) {
	for href, tt := range map[string]struct {
		query url.Values
		want  url.Values // nil if it is refused
	}{
		"/customers?search=ada&status=verified":           {url.Values{"limit": {"5"}}, url.Values{"search": {"ada"}, "status": {"verified"}, "limit": {"5"}}},
		"/customers?status=a&status=b":                    {url.Values{"limit": {"5"}}, url.Values{"status": {"a", "b"}, "limit": {"5"}}},
		"/customers?email=jane%2Btag%40x.com":             {url.Values{"search": {"a b&c"}}, url.Values{"email": {"jane+tag@x.com"}, "search": {"a b&c"}}},
		sandbox + "/customers?search=ada":                 {url.Values{"limit": {"5"}}, url.Values{"search": {"ada"}, "limit": {"5"}}},
		"/customers?":                                     {url.Values{"limit": {"5"}}, url.Values{"limit": {"5"}}},
		"/customers?limit=9":                              {url.Values{"limit": {"5"}}, nil},
		"/customers?%6Cimit=9":                            {url.Values{"limit": {"5"}}, nil},
		"/customers?limit=5":                              {url.Values{"limit": {"5"}}, nil},
		"/customers?a=1;b=2":                              {url.Values{"limit": {"5"}}, nil},
		"/customers?a=%zz":                                {url.Values{"limit": {"5"}}, nil},
		"/customers#?search=ada":                          {url.Values{"limit": {"5"}}, url.Values{"limit": {"5"}}},
		"/customers?search=ada#fragment":                  {url.Values{"limit": {"5"}}, url.Values{"search": {"ada"}, "limit": {"5"}}},
		"/customers?search=ada&status=verified&x=%2F%3F&": {nil, url.Values{"search": {"ada"}, "status": {"verified"}, "x": {"/?"}}},
	} {
		s := newStub(t, always(200, `{"id":"x"}`))
		err := s.client.Get(t.Context(), href, tt.query, nil)
		if tt.want == nil {
			ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
			s.sends(t, 0)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", href, err)
			continue
		}
		sent, err := url.Parse(s.requests()[0].URL)
		if err != nil || sent.Path != "/customers" || sent.Query().Encode() != tt.want.Encode() {
			t.Errorf("%s and %v: asked for %s", href, tt.query, s.requests()[0].URL)
		}
	}
	t.Run("of a list", func(t *testing.T) {
		s := newStub(t, always(200, `{"_embedded":{"customers":[]}}`))
		var last error
		for _, err := range dwolla.FollowAll(t.Context(), s.client, dwolla.LinkTo[dwolla.CustomerPage]("/customers?search=ada;status=verified")) {
			last = err
		}
		for _, sent := range s.requests() {
			if u, err := url.Parse(sent.URL); err != nil || !strings.Contains(u.RawQuery, "search=ada;status=verified") {
				t.Errorf("asked for %s", sent.URL)
			}
		}
		if last != nil && len(s.requests()) > 0 {
			t.Error(last)
		}
	})
}

func TestFault229_PostSendsNoTextThatItWouldHaveToChange(t *testing.T) {
	for name, body := range map[string]any{
		"a map":    map[string]string{"lastName": "M\xfcller"},
		"a name":   map[string]any{"a": map[string]int{"M\xfcller": 1}},
		"a struct": struct{ LastName string }{"M\xfcller"},
		"Extra":    dwolla.Extra{"lastName": json.RawMessage("\"M\xfcller\"")},
		"a model":  dwolla.CreateReceiveOnlyCustomer{LastName: "M\xfcller"},
	} {
		s := newStub(t, always(201, ""))
		_, err := s.client.Post(t.Context(), "/customers", body, nil)
		ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
		if s.sends(t, 0); err == nil || strings.Contains(err.Error(), "ller") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFault234_AVariableThatIsPolledHoldsTheLastAnswerOnly(t *testing.T) {
	answers := []string{
		`{"id":"t","status":"pending","metadata":{"a":"1"},"new":1,"_links":{"cancel":{"href":"/transfers/t"},"new":{"href":"/n"}}}`,
		`{"id":"t","status":"processed","new":2,"_links":{"new":{"href":"/n"}}}`,
	}
	s := newStub(t, func(n int, _ *http.Request) *http.Response { return reply(200, answers[n%2]) })
	var transfer dwolla.Transfer
	var object dwolla.Object
	var value any
	var members map[string]any
	for _, out := range []any{&transfer, &object, &value, &members} {
		for n := range 4 {
			if err := s.client.Get(t.Context(), "/transfers/t", nil, out); err != nil {
				t.Fatalf("%T, answer %d: %v", out, n, err)
			}
			got, err := json.Marshal(out)
			if err != nil {
				t.Fatal(err)
			}
			if want := answers[len(s.requests())%2]; !reflect.DeepEqual(parse(t, got), parse(t, []byte(want))) {
				t.Errorf("%T, answer %d: %s is kept as %s", out, n, want, got)
			}
		}
	}
}

func TestFault235_GetSaysWhereAnAnswerDoesNotFitAModel(t *testing.T) {
	s := newStub(t, always(200, `{"id":"t","amount":{"value":[],"currency":"USD"}}`))
	typed, want := s.client.Transfers.Get(t.Context(), "t")
	err := s.client.Get(t.Context(), "/transfers/t", nil, new(dwolla.Transfer))
	if typed != nil || err == nil || !strings.Contains(err.Error(), `"/amount/value": expected a number or a string`) ||
		!strings.Contains(want.Error(), `"/amount/value": expected a number or a string`) {
		t.Errorf("Get says %v, and the typed call %v", err, want)
	}
	if err := s.client.Get(t.Context(), "/transfers/t", nil, (*dwolla.Transfer)(nil)); err == nil {
		t.Error("a nil pointer is taken")
	}
}

// Methods of an embedded model are the outer type's, and know nothing of its fields.
func TestFault240_AModelThatIsEmbeddedIsRefusedLoudly(t *testing.T) {
	type mine struct {
		dwolla.Customer
		CRM string `json:"crm"`
	}
	s := newStub(t, always(200, `{"id":"c","crm":"7"}`))
	v := mine{CRM: "mine"}
	if err := s.client.Get(t.Context(), "/customers/c", nil, &v); err == nil || !strings.Contains(err.Error(), "embeds a model") || v.CRM != "mine" {
		t.Errorf("Get: %v, and the field is %q", err, v.CRM)
	}
	for _, body := range []any{v, &v} {
		if _, err := s.client.Post(t.Context(), "/customers", body, nil); err == nil || !strings.Contains(err.Error(), "embeds a model") {
			t.Errorf("Post: %v", err)
		}
	}
	s.sends(t, 0)
	type named struct {
		Customer dwolla.Customer `json:"customer"`
		CRM      string          `json:"crm"`
	}
	if _, err := s.client.Post(t.Context(), "/customers", named{dwolla.Customer{ID: "c"}, "7"}, nil); err != nil {
		t.Fatal(err)
	}
	if got := string(s.requests()[0].Body); got != `{"customer":{"id":"c"},"crm":"7"}` {
		t.Errorf("a model with a field name was sent as %s", got)
	}
}

type (
	holder struct {
		dwolla.Customer
		CRM string `json:"crm"`
	}
	priced struct {
		dwolla.Money
		Note string `json:"note"`
	}
	linked struct {
		*dwolla.Link[dwolla.Customer]
		Note string `json:"note"`
	}
	dated struct {
		dwolla.Date
		Note string `json:"note"`
	}
	outer struct { // it has the methods of the Customer, too
		holder
		Note string `json:"note"`
	}
	recursive struct {
		Next *recursive           `json:"next"`
		Map  map[string]recursive `json:"map"`
		X    []*holder            `json:"x"`
	}
	fine struct {
		Next     *fine             `json:"next,omitempty"`
		Customer dwolla.Customer   `json:"customer"`
		List     []dwolla.Money    `json:"list"`
		Ignored  holder            `json:"-"`
		hidden   holder            //nolint:unused // encoding/json does not see it
		Any      any               `json:"any"`
		Names    map[string]string `json:"names"`
	}
)

func TestFault279_AModelThatIsEmbeddedFurtherDownIsRefusedLoudly(t *testing.T) {
	for name, body := range map[string]any{
		"in a field":          &struct{ X holder }{},
		"in an embedded type": &struct{ outer }{},
		"in a slice":          &[]holder{{}},
		"in an array":         &[1]holder{},
		"in a map":            &map[string]holder{"a": {}},
		"in a pointer":        &struct{ X **holder }{},
		"in a deep field": &struct {
			X map[string][]struct{ Y *holder }
		}{},
		"in a recursive type": &recursive{},
		"money":               &priced{},
		"money in a field":    &struct{ X priced }{},
		"a link":              &linked{},
		"a date":              &[]dated{},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, always(200, `{}`))
			for range 2 {
				_, post := s.client.Post(t.Context(), "/labels", body, nil)
				_, out := s.client.Post(t.Context(), "/labels", map[string]string{}, body)
				for method, err := range map[string]error{"Post": post, "Post's out": out, "Get": s.client.Get(t.Context(), "/x", nil, body), "Delete": s.client.Delete(t.Context(), "/x", body)} {
					if !errors.Is(err, dwolla.ErrInvalidArgument) || !strings.Contains(err.Error(), "embeds a model") {
						t.Errorf("%s: %v", method, err)
					}
				}
			}
			s.sends(t, 0)
		})
	}
	s := newStub(t, always(200, `{"customer":{"id":"c"},"list":[],"any":1,"names":{}}`))
	v := fine{Next: new(fine), Customer: dwolla.Customer{ID: "c"}, Any: json.Number("1")}
	if err := s.client.Get(t.Context(), "/x", nil, &v); err != nil || v.Customer.ID != "c" {
		t.Error(err)
	}
	s = newStub(t, always(201, "", "Location", "/labels/a"))
	if _, err := s.client.Post(t.Context(), "/labels", v, nil); err != nil {
		t.Error(err)
	}
}

func TestFault281_ABodyThatIsNilIsRefusedBeforeAnythingIsSent(t *testing.T) {
	for name, body := range map[string]any{
		"nil": nil, "a nil pointer": (*dwolla.CreateTransfer)(nil), "a nil pointer to a struct": (*struct{})(nil), "a nil map": map[string]any(nil),
		"a nil slice": []int(nil), "a pointer to nil": new(map[string]any), "no raw value": json.RawMessage(nil), "null": json.RawMessage("null"),
	} {
		for _, path := range []string{"/labels", "/transfers", "/mass-payments"} {
			s := newStub(t, always(201, "", "Location", "/labels/a"))
			ref, err := s.client.Post(t.Context(), path, body, nil)
			if arg, ok := errors.AsType[*dwolla.ArgumentError](err); ref != nil || !ok || arg.Argument != "body" || !strings.Contains(err.Error(), "nil") {
				t.Errorf("%s to %s: %v", name, path, err)
			}
			s.sends(t, 0)
		}
	}
	s := newStub(t, always(201, "", "Location", "/labels/a"))
	if _, err := s.client.Post(t.Context(), "/labels", http.NoBody, nil); err != nil {
		t.Error(err)
	}
	if sent := s.requests()[0]; len(sent.Body) != 0 || sent.Header.Get("Content-Type") != "" {
		t.Errorf("sent %q as %q", sent.Body, sent.Header.Get("Content-Type"))
	}
	for _, path := range []string{"/transfers", "/Mass-Payments/"} {
		s := newStub(t, always(201, "", "Location", "/labels/a"))
		if _, err := s.client.Post(t.Context(), path, http.NoBody, nil); !errors.Is(err, dwolla.ErrInvalidArgument) {
			t.Errorf("an empty payment to %s: %v", path, err)
		}
		s.sends(t, 0)
	}
}

func TestFault261_AnOutThatCannotHoldTheAnswerIsRefusedBeforeAnythingIsSent(t *testing.T) {
	type embeds struct {
		dwolla.Transfer
		X int
	}
	embedded := new(embeds)
	for name, out := range map[string]any{
		"a nil pointer": (*dwolla.Transfer)(nil), "no pointer": dwolla.Transfer{}, "a number": 5, "a map": map[string]any{},
		"a channel": make(chan int), "a pointer to a channel": new(chan int), "a pointer to a function": new(func()),
		"a struct that embeds a model": embeds{}, "a pointer to one": embedded, "a pointer to a pointer to one": &embedded,
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, always(201, `{"id":"a"}`, "Location", "/transfers/a"))
			_, post := s.client.Post(t.Context(), "/labels", map[string]string{}, out)
			for method, err := range map[string]error{
				"Post": post, "Get": s.client.Get(t.Context(), "/labels", nil, out), "Delete": s.client.Delete(t.Context(), "/labels/a", out),
			} {
				var refused *dwolla.ArgumentError
				if !errors.As(err, &refused) || refused.Argument != "out" || refused.Op != method {
					t.Errorf("%s: %v", method, err)
				}
				ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
			}
			s.sends(t, 0)
		})
	}
	var (
		anything any
		pointer  *dwolla.Transfer
		m        map[string]any
	)
	for _, out := range []any{&anything, &pointer, &m, new(dwolla.Transfer), new(json.RawMessage)} {
		s := newStub(t, always(200, `{"id":"a"}`))
		if err := s.client.Get(t.Context(), "/labels", nil, out); err != nil {
			t.Errorf("%T: %v", out, err)
		}
	}
}

func TestFault369_APostKeepsTheReferenceOfWhatWasCreatedThoughItsAnswerDoesNotFit(t *testing.T) {
	const href = sandbox + "/things/8a2d"
	type shape struct {
		Name int `json:"name"`
	}
	for body, out := range map[string]any{
		`{"name":"a"}`:        new(shape),
		`[{"name":1}]`:        new(shape),
		`"created"`:           new(shape),
		`{"name":`:            new(shape),
		`{"id":5}`:            new(dwolla.Transfer),
		`{}`:                  new(dwolla.Transfer),
		``:                    new(shape),
		`{"name":2} trailing`: new(shape),
	} {
		s := newStub(t, always(201, body, "Location", href))
		ref, err := s.client.Post(t.Context(), "/things", map[string]string{"a": "b"}, out)
		s.sends(t, 1)
		if ref == nil || ref.Href != href || ref.ID() != "8a2d" {
			t.Errorf("%q: the reference is %v: %v", body, ref, err)
		}
		if err == nil {
			continue
		}
		failed, ok := errors.AsType[*dwolla.Error](err)
		if dwolla.OutcomeOf(err) != dwolla.OutcomeBadResponse || !ok || !failed.Committed {
			t.Errorf("%q: outcome %q: %v", body, dwolla.OutcomeOf(err), err)
		}
	}
	for body, answer := range map[string]func(int, *http.Request) *http.Response{
		"no Location":           always(201, `["x"]`),
		"a page of a proxy":     always(201, `<html>`, "Location", href),
		"an error in its place": always(400, `{"code":"ValidationError","message":"m"}`, "Location", href),
	} {
		s := newStub(t, answer)
		if ref, err := s.client.Post(t.Context(), "/things", map[string]string{"a": "b"}, new(shape)); err == nil || ref != nil {
			t.Errorf("%s: %v, %v", body, ref, err)
		}
	}
}
