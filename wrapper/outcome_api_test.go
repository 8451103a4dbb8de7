package dwolla_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// answered makes a client whose every request is answered in one way, once.
func answered(t *testing.T, status int, body string, header ...string) *dwolla.Client {
	t.Helper()
	b := &bank{answer: func(*http.Request) (*http.Response, error) { return reply(status, body, header...), nil }}
	return clientOf(t, b, dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))
}

func TestFault178_ACreationNeedsAStatusThatTheContractDocuments(t *testing.T) {
	location := []string{"Location", sandbox + "/transfers/x"}
	for _, body := range []string{"", `{"maintenance":true}`, `{"code":"ServerError","message":"m"}`, "welcome to the wifi", "[]", "null"} {
		for _, status := range []int{200, 202, 203, 204, 205, 206, 207, 208, 226, 299} {
			for _, header := range [][]string{nil, location} {
				settled(t, pay(t.Context(), answered(t, status, body, header...)), true)
			}
		}
	}
	for _, body := range []string{"", "{}", "thank you"} {
		for _, header := range [][]string{nil, location} {
			if err := pay(t.Context(), answered(t, 201, body, header...)); err != nil {
				t.Errorf("201 %q %v: %v", body, header, err)
			}
		}
	}
	if _, err := answered(t, 202, "").SandboxSimulations.Create(t.Context(), nil); err != nil {
		t.Errorf("202 without a body is documented for a simulation: %v", err)
	}
	isUnknown(t, second(answered(t, 204, "").SandboxSimulations.Create(t.Context(), nil)))
	if got, err := answered(t, 202, `{"status":"pending","code":"TryAgainLater"}`).FundingSources.VerifyMicroDeposits(t.Context(), "x", dwolla.VerifyMicroDeposits{
		Amount1: dwolla.USDCents(3), Amount2: dwolla.USDCents(4),
	}); err != nil {
		t.Errorf("202 with a body is documented for micro-deposits: %v, %v", got, err)
	}
}

// isUnknown checks that an outcome is unknown.
func isUnknown(t *testing.T, err error) {
	t.Helper()
	if _, ok := errors.AsType[*dwolla.OutcomeUnknownError](err); !ok || dwolla.OutcomeOf(err) != dwolla.OutcomeUnknown {
		t.Errorf("outcome %q: %v", dwolla.OutcomeOf(err), err)
	}
}

func TestFault179_AChangeIsDoneOnlyIfTheAnswerIsTheResource(t *testing.T) {
	for _, body := range []string{`{"maintenance":true}`, `{"message":"try again"}`, `<html>`} {
		isUnknown(t, second(answered(t, 200, body).Transfers.Cancel(t.Context(), "x")))
		isUnknown(t, second(answered(t, 200, body).MassPayments.Update(t.Context(), "x", dwolla.UpdateMassPayment{Status: "pending"})))
	}
	for _, status := range []int{201, 202, 203, 204, 206} {
		isUnknown(t, second(answered(t, status, `{"id":"x","status":"cancelled"}`).Transfers.Cancel(t.Context(), "x")))
	}
	if got, err := answered(t, 200, `{"id":"x","status":"cancelled","new":1}`).Transfers.Cancel(t.Context(), "x"); err != nil || got.Status != "cancelled" {
		t.Errorf("%v, %v", got, err)
	}
	post := func(status int, body string, out any, header ...string) error {
		_, err := answered(t, status, body, header...).Post(t.Context(), "/customers", map[string]any{"a": 1}, out)
		return err
	}
	for _, body := range []string{"", `{"maintenance":true}`, "wifi"} {
		for _, status := range []int{200, 202, 203, 204, 206} {
			isUnknown(t, post(status, body, nil))
		}
	}
	var out map[string]any
	for name, err := range map[string]error{
		"201":                  post(201, "", nil),
		"200 with a Location":  post(200, "", nil, "Location", sandbox+"/customers/x"),
		"200 with links":       post(200, `{"_links":{"self":{"href":"/x"}}}`, nil),
		"200 with what is due": post(200, `{"token":"x"}`, &out),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	isUnknown(t, post(200, "", nil, "Location", "https://evil.test/transfers/x"))
}

// What answers in Dwolla's place (a proxy, a firewall that looks at answers) says nothing about what Dwolla did.
func TestFault180_ARefusalNeedsACodeOfTheAPI(t *testing.T) {
	bodies := map[string]string{
		"a page": "<html>blocked</html>", "nothing": "", "another's JSON": `{"error":"blocked by policy"}`,
		"a message": `{"message":"Forbidden"}`, "a number": `{"code":403,"message":"m"}`, "a status": `{"code":"403","message":"m"}`,
		"an object": `{"error":{"code":"Forbidden"}}`, "a cut error": `{"code":"Val`,
	}
	kinds := []error{
		dwolla.ErrNotFound, dwolla.ErrForbidden, dwolla.ErrRejected, dwolla.ErrConflict, dwolla.ErrRateLimited, dwolla.ErrUnauthorized,
		dwolla.ErrValidation, dwolla.ErrNotSent,
	}
	for _, status := range []int{400, 401, 402, 403, 404, 405, 406, 409, 410, 412, 413, 415, 418, 422, 425, 429, 431, 451, 499, 501, 505} {
		for name, body := range bodies {
			t.Run(fmt.Sprint(status, " with ", name), func(t *testing.T) {
				err := pay(t.Context(), answered(t, status, body))
				settled(t, err, true)
				for _, kind := range kinds {
					if errors.Is(err, kind) {
						t.Errorf("is %v", kind)
					}
				}
				if e, _ := errors.AsType[*dwolla.Error](err); e.StatusCode != status || !strings.Contains(err.Error(), fmt.Sprint(status)) {
					t.Errorf("the error does not name the status: %v", err)
				}
				if _, err := answered(t, status, body).Transfers.Get(t.Context(), "x"); errors.Is(err, dwolla.ErrOutcomeUnknown) || errors.Is(err, dwolla.ErrNotFound) != (status == 404) {
					t.Errorf("a read: %v", err)
				}
			})
		}
	}
	for status, outcome := range map[int]dwolla.Outcome{
		400: dwolla.OutcomeRejected, 401: dwolla.OutcomeAuthFailed, 403: dwolla.OutcomeRejected, 404: dwolla.OutcomeRejected,
		413: dwolla.OutcomeRejected, 429: dwolla.OutcomeRateLimited, 501: dwolla.OutcomeRejected,
	} {
		if err := pay(t.Context(), answered(t, status, `{"code":"BrandNew","message":"m"}`, "Content-Type", "application/vnd.dwolla.v1.hal+json")); dwolla.OutcomeOf(err) != outcome || errors.Is(err, dwolla.ErrNotFound) != (status == 404) {
			t.Errorf("%d: %v", status, err)
		}
	}
	for name, err := range map[string]error{
		"a challenge":         pay(t.Context(), answered(t, 401, "", "WWW-Authenticate", `Bearer error="invalid_token"`)),
		"an error of RFC6750": pay(t.Context(), answered(t, 401, `{"error":"invalid_token"}`)),
	} {
		if dwolla.OutcomeOf(err) != dwolla.OutcomeAuthFailed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFault181_AStatusThatMayFollowThePaymentIsUnknown(t *testing.T) {
	for _, status := range []int{100, 102, 150, 199, 300, 301, 302, 303, 304, 305, 306, 307, 308, 399, 600, 799, 999} {
		settled(t, pay(t.Context(), answered(t, status, "", "Location", sandbox+"/transfers/x")), true)
		if _, err := answered(t, status, "").Transfers.Get(t.Context(), "x"); dwolla.OutcomeOf(err) != dwolla.OutcomeBadResponse {
			t.Errorf("a read with %d: %v", status, err)
		}
	}
	for _, status := range []int{300, 301, 302, 303, 304, 307, 308, 100, 600} { // whatever they say
		settled(t, pay(t.Context(), answered(t, status, `{"code":"Forbidden","message":"m"}`)), true)
	}
}

func TestFault182_WhatFollowsACreationIsNeverNotSent(t *testing.T) {
	client := answered(t, 201, "")
	ref, err := client.Transfers.Create(t.Context(), aTransfer())
	if err != nil {
		t.Fatal(err)
	}
	_, err = ref.Get(t.Context())
	if !errors.Is(err, dwolla.ErrNoLocation) || errors.Is(err, dwolla.ErrNotSent) || dwolla.OutcomeOf(err) != dwolla.OutcomeBadResponse {
		t.Errorf("Get: %q: %v", dwolla.OutcomeOf(err), err)
	}
	_, err = client.Transfers.WaitFor(t.Context(), ref.ID(), dwolla.Wait{})
	if errors.Is(err, dwolla.ErrNotSent) || dwolla.OutcomeOf(err) != dwolla.OutcomeBadResponse {
		t.Errorf("WaitFor: %q: %v", dwolla.OutcomeOf(err), err)
	}
	foreign, err := answered(t, 201, "", "Location", "https://evil.test/transfers/x").Transfers.Create(t.Context(), aTransfer())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = foreign.Get(t.Context()); err == nil || errors.Is(err, dwolla.ErrNotSent) || dwolla.OutcomeOf(err) == dwolla.OutcomeNotSent || !errors.Is(err, dwolla.ErrForeignLink) {
		t.Errorf("a Location that is never fetched: %q: %v", dwolla.OutcomeOf(err), err)
	}
}

func TestFault183_AnAnswerToAnotherRequestIsRefused(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/transfers/fake")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":"fake","status":"processed"}`)
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		hits, same := 0, false
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/token":
				_, _ = io.WriteString(w, `{"access_token":"t","expires_in":3600}`)
			case r.URL.Path == "/done":
				w.Header().Set("Location", "/transfers/fake")
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, `{"id":"fake"}`)
			case same:
				hits++
				http.Redirect(w, r, "/done", status)
			default:
				hits++
				http.Redirect(w, r, elsewhere.URL, status)
			}
		}))
		// As retryablehttp's StandardClient: a client inside of the transport, which follows redirects.
		following := roundTripper(func(req *http.Request) (*http.Response, error) {
			own := req.Clone(req.Context())
			body, _ := io.ReadAll(own.Body)
			own.Body, own.GetBody = io.NopCloser(strings.NewReader(string(body))), func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(body))), nil }
			return http.DefaultClient.Do(own)
		})
		for _, same = range []bool{false, true} {
			hits = 0
			withBody := roundTripper(func(req *http.Request) (*http.Response, error) {
				if req.Body == nil {
					req.Body = http.NoBody
				}
				return following(req)
			})
			client := clientOf(t, withBody, dwolla.WithBaseURL(server.URL))
			transfer := aTransfer()
			_, err := client.Transfers.Create(t.Context(), transfer)
			settled(t, err, true)
			if !errors.Is(err, dwolla.ErrRedirect) || !strings.Contains(err.Error(), "followed a redirect") || hits != 1 {
				t.Errorf("%d, %d hits: %v", status, hits, err)
			}
			got, err := client.Transfers.Get(t.Context(), "x")
			if got != nil || dwolla.OutcomeOf(err) != dwolla.OutcomeBadResponse || !errors.Is(err, dwolla.ErrRedirect) {
				t.Errorf("%d: %v, %v", status, got, err)
			}
		}
		server.Close()
	}
	for name, change := range map[string]func(*http.Request){
		"a method": func(r *http.Request) { r.Method = http.MethodGet },
		"a host":   func(r *http.Request) { r.URL.Host = "evil.test" },
		"a scheme": func(r *http.Request) { r.URL.Scheme = "http" },
		"no URL":   func(r *http.Request) { r.URL = nil },
	} {
		t.Run(name, func(t *testing.T) {
			b := new(bank)
			b.answer = func(req *http.Request) (*http.Response, error) {
				resp := reply(201, `{"id":"x"}`, "Location", sandbox+"/transfers/x")
				own := *req
				u := *req.URL
				own.URL = &u
				change(&own)
				resp.Request = &own
				return resp, nil
			}
			settled(t, pay(t.Context(), clientOf(t, b)), true)
			if len(b.requests()) != 1 {
				t.Errorf("%d requests", len(b.requests()))
			}
		})
	}
	t.Run("the token", func(t *testing.T) {
		client := clientOf(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			resp := reply(200, `{"access_token":"t","expires_in":3600}`)
			resp.Request = &http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: "https", Host: "evil.test"}}
			return resp, nil
		}))
		settled(t, pay(t.Context(), client), false)
	})
}

func TestFault262_ARefusalNeedsACodeOfTheContractOrTheMediaTypeOfTheAPI(t *testing.T) {
	const hal = "application/vnd.dwolla.v1.hal+json; charset=UTF-8"
	for _, status := range []int{400, 403, 404, 409, 422, 429} {
		for body, mediaType := range map[string]string{
			`{"code":"error","message":"m"}`: "application/json", `{"code":"E1001"}`: "application/problem+json",
			`{"code":"WAF_BLOCKED"}`: "", `{"code":"AccessDeniedException"}`: "application/json",
			`{"_embedded":{"errors":[{"code":"blocked"}]}}`: "application/json", `{"code":"x1"}`: "application/hal+json",
			`{"code":"403"}`: hal, `{"message":"m"}`: hal,
		} {
			err := pay(t.Context(), answered(t, status, body, "Content-Type", mediaType))
			isUnknown(t, err)
			if errors.Is(err, dwolla.ErrRejected) || errors.Is(err, dwolla.ErrNotFound) || errors.Is(err, dwolla.ErrRateLimited) {
				t.Errorf("%d %s: %v", status, body, err)
			}
		}
	}
	for body, mediaType := range map[string]string{
		`{"code":"BrandNew"}`: hal, `{"code":"ValidationError"}`: "text/plain", `{"code":"validation_error"}`: "",
		`{"code":"InsufficientFunds"}`: "application/json", `{"_embedded":{"errors":[{"code":"Required","path":"/amount"}]}}`: "",
		`{"_embedded":{"errors":[{"code":"BrandNew"}]}}`: hal,
	} {
		if err := pay(t.Context(), answered(t, 400, body, "Content-Type", mediaType)); dwolla.OutcomeOf(err) != dwolla.OutcomeRejected {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := answered(t, 404, `{"code":"E1001"}`).Transfers.Get(t.Context(), "x"); !errors.Is(err, dwolla.ErrNotFound) || errors.Is(err, dwolla.ErrOutcomeUnknown) {
		t.Errorf("a read: %v", err)
	}
}

func TestFault263_ACodeThatSaysThatTheOutcomeIsUnknownCountsWhateverTheStatusIs(t *testing.T) {
	for _, code := range []string{"RequestTimeout", "ServerError", "request_timeout"} {
		for _, status := range []int{400, 401, 403, 404, 408, 409, 422, 429, 500, 503} {
			body := fmt.Sprintf(`{"code":%q,"message":"m"}`, code)
			err := pay(t.Context(), answered(t, status, body, "Content-Type", "application/vnd.dwolla.v1.hal+json"))
			isUnknown(t, err)
			if errors.Is(err, dwolla.ErrRejected) || errors.Is(err, dwolla.ErrNotSent) {
				t.Errorf("%d %s: %v", status, code, err)
			}
			if _, err := answered(t, status, body).Transfers.Get(t.Context(), "x"); errors.Is(err, dwolla.ErrOutcomeUnknown) {
				t.Errorf("a read, %d %s: %v", status, code, err)
			}
		}
	}
}

func TestFault264_APageOrAnErrorOfTheAPIIsNoCreation(t *testing.T) {
	location := []string{"Location", sandbox + "/transfers/x"}
	for _, body := range []string{"<html>welcome</html>", " \n<!DOCTYPE html>", "\xef\xbb\xbf<html>", "<?xml version='1.0'?>"} {
		for _, header := range [][]string{nil, location} {
			isUnknown(t, pay(t.Context(), answered(t, 201, body, header...)))
			_, err := answered(t, 201, body, header...).Post(t.Context(), "/customers", map[string]any{}, nil)
			isUnknown(t, err)
		}
	}
	for _, body := range []string{
		`{"code":"Forbidden"}`, `{"code":"Forbidden","message":"m"}`, `{"code":"server_error"}`, `{"code":"ValidationError","_embedded":{"errors":[{"code":"Required"}]}}`,
		`{"_embedded":{"errors":[{"code":"InsufficientFunds"}]}}`,
	} {
		isUnknown(t, pay(t.Context(), answered(t, 201, body)))
		isUnknown(t, pay(t.Context(), answered(t, 201, body, location...)))
		var out map[string]any
		for _, out := range []any{nil, &out, new(dwolla.Transfer)} {
			_, err := answered(t, 201, body).Post(t.Context(), "/transfers/x/retries", map[string]any{}, out)
			isUnknown(t, err)
		}
	}
	isUnknown(t, answered(t, 200, `{"code":"Forbidden","_links":{"about":{"href":"/x"}}}`).Delete(t.Context(), "/x", nil))
	if err := answered(t, 200, `{"id":"x","_embedded":{"errors":[{"code":"Required"}]}}`).Delete(t.Context(), "/x", nil); err != nil {
		t.Errorf("a resource with errors: %v", err)
	}
	for body, header := range map[string][]string{
		`{"id":"x","code":"Mine"}`: location, "": {"Location", "https://evil.test/transfers/x"}, `{"code":"BrandNew"}`: nil,
	} {
		if err := pay(t.Context(), answered(t, 201, body, header...)); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
}
