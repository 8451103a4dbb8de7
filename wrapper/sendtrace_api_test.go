package dwolla_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A transport with two ways to Dwolla, only one of which calls the hooks of httptrace.
func TestFault249_WhatOneWayOfATransportHasSentIsNotHiddenByTheDialOfAnother(t *testing.T) {
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = refused.Close()
	dial := func(req *http.Request, body string) error { // traced, and fails to connect
		other := req.Clone(req.Context())
		other.URL.Host, other.Body = refused.Addr().String(), io.NopCloser(strings.NewReader(body))
		resp, err := new(http.Transport).RoundTrip(other)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	send := func(b *bank, req *http.Request, body string) { // not traced, and the answer is lost
		other := req.Clone(req.Context())
		if body != "" {
			other.Body = io.NopCloser(strings.NewReader(body))
		}
		_, _ = b.RoundTrip(other)
	}
	for name, try := range map[string]func(b *bank, req *http.Request, body string) error{
		"sent, then the dial fails": func(b *bank, req *http.Request, body string) error {
			send(b, req, body)
			return dial(req, body)
		},
		"the dial fails, then sent": func(b *bank, req *http.Request, body string) error {
			_ = dial(req, body)
			send(b, req, body)
			return errors.New("idle timeout")
		},
	} {
		for kind, call := range map[string]func(c *dwolla.Client) error{
			"a payment": func(c *dwolla.Client) error { return pay(t.Context(), c) },
			"no body": func(c *dwolla.Client) error {
				_, err := c.Post(t.Context(), "/funding-sources/x/micro-deposits", http.NoBody, nil)
				return err
			},
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				b := new(bank)
				client := clientOf(t, roundTripper(func(req *http.Request) (*http.Response, error) {
					if req.URL.Path == "/token" {
						return b.RoundTrip(req)
					}
					var body []byte
					if req.Body != nil {
						body, _ = io.ReadAll(req.Body)
					}
					return nil, try(b, req, string(body))
				}))
				err := call(client)
				if len(b.requests()) == 0 || dwolla.OutcomeOf(err) != dwolla.OutcomeUnknown || errors.Is(err, dwolla.ErrNotSent) {
					t.Errorf("%d requests arrived, outcome %q: %v", len(b.requests()), dwolla.OutcomeOf(err), err)
				}
			})
		}
	}
	t.Run("the body was never read", func(t *testing.T) {
		var kept io.Reader
		b := new(bank)
		client := clientOf(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			if req.URL.Path == "/token" {
				return b.RoundTrip(req)
			}
			kept = req.Body
			return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
		}))
		err := pay(t.Context(), client)
		if dwolla.OutcomeOf(err) != dwolla.OutcomeNotSent {
			t.Errorf("outcome %q: %v", dwolla.OutcomeOf(err), err)
		}
		if data, err := io.ReadAll(kept); err == nil || len(data) > 0 {
			t.Errorf("the payment can still be sent: %q, %v", data, err)
		}
	})
}
