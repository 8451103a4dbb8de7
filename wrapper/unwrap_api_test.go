package dwolla_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// unwrapped are an error and all that errors.Unwrap and its form for several errors lead to, as an error reporter walks them.
func unwrapped(err error) []error {
	if err == nil {
		return nil
	}
	all := []error{err}
	switch err := err.(type) { //nolint:errorlint // one link of the chain at a time
	case interface{ Unwrap() error }:
		all = append(all, unwrapped(err.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, wrapped := range err.Unwrap() {
			all = append(all, unwrapped(wrapped)...)
		}
	}
	return all
}

// reported are the texts that a reporter could take of an error.
func reported(err error) string {
	var b strings.Builder
	for _, e := range unwrapped(err) {
		fmt.Fprintf(&b, "%T: %v\n%+v\n%#v\n%s\n", e, e, e, e, e.Error())
	}
	return b.String()
}

// A told error of the user's has a text that names what it should not.
type told struct{ text string }

func (e *told) Error() string { return e.text }

// A quoting type of the user's quotes what it cannot read or write.
type quoting struct{}

func (*quoting) UnmarshalJSON(b []byte) error { return &told{"cannot read " + string(b)} }
func (quoting) MarshalJSON() ([]byte, error)  { return nil, &told{"cannot write Zlatan"} }

func TestFault287_NoErrorThatUnwrapLeadsToShowsASecret(t *testing.T) {
	secrets := []string{"bearer-canary", "zlatan", "client-canary", "Y2xpZW50"}
	tell := func(req *http.Request, inner error) error {
		body := ""
		if req.Body != nil {
			data, _ := io.ReadAll(req.Body)
			body = string(data)
		}
		text := fmt.Sprintf("cannot send %s %v %s", req.URL, req.Header, body)
		return errors.Join(&told{text}, fmt.Errorf("%s: %w", text, inner))
	}
	inners := map[string]error{
		"EOF": io.ErrUnexpectedEOF, "network": &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("refused")},
		"DNS": &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}, "canceled": context.Canceled,
	}
	create := func(c *dwolla.Client) error {
		_, err := c.Customers.Create(t.Context(), dwolla.CreateReceiveOnlyCustomer{FirstName: "Zlatan", LastName: "Zlatan", Email: "zlatan@example.com"})
		return err
	}
	list := func(c *dwolla.Client) error {
		return last(c.Customers.All(t.Context(), dwolla.ListCustomersParams{Email: "zlatan@example.com"}))
	}
	wait := func(c *dwolla.Client) error {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := c.Transfers.WaitFor(ctx, "x", dwolla.Wait{Interval: time.Millisecond}, dwolla.WithHeader("X-Name", "bearer-canary"))
		return err
	}
	reconcile := func(c *dwolla.Client) error {
		sent := dwolla.CreateTransfer{CorrelationID: "zlatan@example.com"}
		sent.Links.Source, sent.Links.Destination = dwolla.LinkTo[dwolla.FundingSource]("/accounts/a"), dwolla.LinkTo[dwolla.FundingSource]("/funding-sources/b")
		_, err := c.Transfers.Reconcile(t.Context(), sent, &dwolla.OutcomeUnknownError{First: time.Now().Add(-time.Minute)}, dwolla.Lookup{Looks: 1, Over: time.Millisecond})
		return err
	}
	read := func(c *dwolla.Client) error {
		var out struct {
			ID quoting `json:"id"`
		}
		return c.Get(t.Context(), "/x", nil, &out)
	}
	write := func(c *dwolla.Client) error {
		_, err := c.Post(t.Context(), "/x", map[string]any{"a": quoting{}}, nil)
		return err
	}
	token := func(req *http.Request) *http.Response {
		if strings.HasSuffix(req.URL.Path, "/token") {
			return reply(200, `{"access_token":"bearer-canary","token_type":"bearer","expires_in":3600}`)
		}
		return nil
	}
	for kind, inner := range inners {
		for place, roundTrip := range map[string]func(*http.Request) (*http.Response, error){
			"the transport": func(req *http.Request) (*http.Response, error) {
				if resp := token(req); resp != nil {
					return resp, nil
				}
				return nil, tell(req, inner)
			},
			"a URL error of the transport": func(req *http.Request) (*http.Response, error) {
				if resp := token(req); resp != nil {
					return resp, nil
				}
				return nil, &url.Error{Op: "Get", URL: req.URL.String(), Err: tell(req, inner)}
			},
			"the transport, for the token": func(req *http.Request) (*http.Response, error) { return nil, tell(req, inner) },
			"the body of the answer": func(req *http.Request) (*http.Response, error) {
				if resp := token(req); resp != nil {
					return resp, nil
				}
				resp := reply(200, "")
				resp.ContentLength, resp.Body = -1, failingBody{tell(req, inner), nil}
				return resp, nil
			},
			"the body of the token": func(req *http.Request) (*http.Response, error) {
				resp := reply(200, "")
				resp.ContentLength, resp.Body = -1, failingBody{tell(req, inner), nil}
				return resp, nil
			},
		} {
			for call, run := range map[string]func(*dwolla.Client) error{"create": create, "list": list, "wait": wait, "reconcile": reconcile} {
				t.Run(place+"/"+kind+"/"+call, func(t *testing.T) {
					client, err := dwolla.NewClient(dwolla.Sandbox, "client", "client-canary", dwolla.WithHTTPClient(&http.Client{Transport: roundTripper(roundTrip)}), dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))
					if err != nil {
						t.Fatal(err)
					}
					err = run(client)
					if err == nil {
						t.Fatal("no error")
					}
					text := strings.ToLower(reported(err))
					for _, secret := range secrets {
						if strings.Contains(text, strings.ToLower(secret)) {
							t.Errorf("shows %s: %s", secret, text)
							break
						}
					}
					if _, ok := errors.AsType[*told](err); (!ok || !errors.Is(err, inner)) && call != "wait" {
						t.Errorf("the error of the user is not found in %v", err)
					}
				})
			}
		}
	}
	passing := roundTripper(func(req *http.Request) (*http.Response, error) {
		if resp := token(req); resp != nil {
			return resp, nil
		}
		if req.Method == http.MethodPost {
			return reply(201, "", "Location", sandbox+"/customers/x"), nil
		}
		return reply(200, `{"id":"Zlatan"}`), nil
	})
	inner := inners["EOF"]
	type next = func(*http.Request) (*http.Response, error)
	for name, tt := range map[string]struct {
		middleware func(*http.Request, next) (*http.Response, error)
		run        func(*dwolla.Client) error
	}{
		"middleware before it sends": {func(req *http.Request, _ next) (*http.Response, error) { return nil, tell(req, inner) }, create},
		"middleware after a 201": {func(req *http.Request, send next) (*http.Response, error) {
			if _, err := send(req); err != nil {
				return nil, err
			}
			return nil, tell(req, inner)
		}, create},
		"middleware, of its body": {func(req *http.Request, send next) (*http.Response, error) {
			own := req.Clone(req.Context())
			own.Body = failingBody{tell(req, inner), nil}
			return send(own)
		}, create},
		"middleware that reads": {func(req *http.Request, _ next) (*http.Response, error) { return nil, tell(req, inner) }, list},
		"a type that decodes":   {func(req *http.Request, send next) (*http.Response, error) { return send(req) }, read},
		"a type that encodes":   {func(req *http.Request, send next) (*http.Response, error) { return send(req) }, write},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := dwolla.NewClient(dwolla.Sandbox, "client", "client-canary", dwolla.WithHTTPClient(&http.Client{Transport: passing}),
				dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}), dwolla.WithMiddleware(tt.middleware))
			if err != nil {
				t.Fatal(err)
			}
			err = tt.run(client)
			text := strings.ToLower(reported(err))
			for _, secret := range secrets {
				if strings.Contains(text, strings.ToLower(secret)) {
					t.Errorf("shows %s: %s", secret, text)
					break
				}
			}
			if _, ok := errors.AsType[*told](err); !ok && name != "a type that decodes" {
				t.Errorf("the error of the user is not found in %v", err)
			}
		})
	}
	t.Run("of Extra", func(t *testing.T) {
		var q quoting
		err := dwolla.Extra{"a": json.RawMessage(`"Zlatan"`)}.Decode("a", &q)
		if _, ok := errors.AsType[*told](err); !ok || strings.Contains(reported(err), "Zlatan") {
			t.Error(reported(err))
		}
	})
}
