package payout

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestTheBankOfACustomerPays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := dwollatest.New(t, dwollatest.WithItemRate(0))
		_, bank := server.AddVerifiedCustomerWithBank("Jane Doe")
		s := newMemStore()
		mustPrepare(t, s, dwollaRows(server, 4), Plan{Source: bank.Href, ChunkRows: 2})
		// The answer to the first request is lost: only a look-up in the Customer's mass payments finds it.
		server.Fault("createMassPayment", dwollatest.Fault{AfterCommit: true, Status: 500, Lock: true, Times: 1})
		summary, err := mustRunner(t, s, Dwolla(server.Dwolla()), Options{}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 4 || len(server.Ledger()) != 4 {
			t.Errorf("%+v, %v; %d in the ledger", summary.Totals, err, len(server.Ledger()))
		}
		if n := len(server.Calls("getFundingSource")); n != 1 {
			t.Errorf("whose the source is was read %d times", n)
		}
	})
}

func TestWithoutALookNothingIsSent(t *testing.T) {
	for _, operation := range []string{"getFundingSource", "listAccountMassPayments"} {
		bubble(t, operation, func(t *testing.T) {
			server := dwollatest.New(t, dwollatest.WithItemRate(0))
			s := newMemStore()
			mustPrepare(t, s, dwollaRows(server, 2), Plan{Source: server.AccountBalance().Href})
			server.Fault(operation, dwollatest.Fault{Status: 403})
			r := mustRunner(t, s, Dwolla(server.Dwolla()), Options{IdleTimeout: time.Minute})
			_, err := r.Run(t.Context(), simBatch)
			if _, ok := errors.AsType[*StoppedError](err); !ok || dwolla.OutcomeOf(err) != dwolla.OutcomeRejected {
				t.Errorf("error %v", err)
			}
			if n := len(server.Calls("createMassPayment")); n != 0 || len(server.Ledger()) != 0 {
				t.Errorf("%d requests, %d in the ledger", n, len(server.Ledger()))
			}
			server.ClearFaults()
			if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 2 || len(server.Ledger()) != 2 {
				t.Errorf("%+v, %v; %d in the ledger", summary.Totals, err, len(server.Ledger()))
			}
		})
	}
}

// Only a list that is wholly there says that a chunk is not.
func TestFault416_AnAnswerThatIsNoListSaysNothingOfAChunk(t *testing.T) {
	const list = `{"_links":{"self":{"href":%q}},`
	for name, answer := range map[string]string{
		"a total and no entries": list + `"_embedded":{"mass-payments":[]},"total":3}`, "no list": list + `"total":0}`,
		"a list that is null": list + `"_embedded":{"mass-payments":null},"total":0}`, "nothing": `{}`,
		"an entry of nothing": list + `"_embedded":{"mass-payments":[{}]},"total":1}`, "a page of a proxy": `<html>Back soon</html>`,
		"an entry that is null": list + `"_embedded":{"mass-payments":[null]},"total":1}`,
		"an entry without id":   list + `"_embedded":{"mass-payments":[{"status":"complete"}]},"total":1}`,
		"an entry whose correlation id is in another case": list + `"_embedded":{"mass-payments":[{"_links":{"self":{"href":"https://api.dwolla.com/mass-payments/5c3aa0bd-0000-4000-8000-000000000000"}},` +
			`"id":"5c3aa0bd-0000-4000-8000-000000000000","correlationId":"SIM-00001"}]},"total":1}`,
	} {
		bubble(t, name, func(t *testing.T) {
			server := dwollatest.New(t, dwollatest.WithItemRate(0))
			s := newMemStore()
			mustPrepare(t, s, dwollaRows(server, 2), Plan{Source: server.AccountBalance().Href})
			odd := func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				resp, err := next(req)
				if err != nil || req.Method != http.MethodGet || !strings.HasSuffix(req.URL.Path, "/mass-payments") {
					return resp, err
				}
				_ = resp.Body.Close()
				body := strings.Replace(answer, "%q", strconv.Quote(req.URL.String()), 1)
				if body[0] == '<' {
					resp.Header.Set("Content-Type", "text/html")
				}
				resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
				return resp, err
			}
			client := server.Dwolla(dwolla.WithMiddleware(odd))
			if _, err := mustRunner(t, s, Dwolla(client), Options{IdleTimeout: time.Minute}).Run(t.Context(), simBatch); err == nil {
				t.Error("the batch is done")
			}
			if n := len(server.Calls("createMassPayment")); n != 0 || len(server.Ledger()) != 0 {
				t.Errorf("%d requests, %d in the ledger", n, len(server.Ledger()))
			}
		})
	}
}

// All that is listed may be excluded by a person, and what the list lacks may be the chunk.
func TestFault437_AnIncompleteListIsAnErrorAlsoBesideWhatItHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := dwollatest.New(t, dwollatest.WithItemRate(0))
		s := newMemStore()
		mustPrepare(t, s, dwollaRows(server, 2), Plan{Source: server.AccountBalance().Href})
		if _, err := mustRunner(t, s, Dwolla(server.Dwolla()), Options{}).Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		lacking := func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			resp, err := next(req)
			if err != nil || !strings.HasSuffix(req.URL.Path, "/mass-payments") {
				return resp, err
			}
			body, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			body = bytes.Replace(body, []byte(`"total":1`), []byte(`"total":2`), 1)
			resp.Body = io.NopCloser(bytes.NewReader(body))
			return resp, err
		}
		gateway := Dwolla(server.Dwolla(dwolla.WithMiddleware(lacking)))
		found, err := gateway.Find(t.Context(), server.AccountBalance().Href, chunksOf(t, s)[0].CorrelationID)
		if len(found) != 1 || !errors.Is(err, dwolla.ErrIncompleteList) {
			t.Errorf("%d found, %v", len(found), err)
		}
	})
}

func TestASourceThatDoesNotSayWhoseItIsPaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := dwollatest.New(t)
		source := server.AccountBalance().Href
		// Dwolla links the owner by other relations.
		anonymous := func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			resp, err := next(req)
			if err != nil || !strings.HasPrefix(source, req.URL.String()) {
				return resp, err
			}
			body, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			for _, relation := range []string{"account", "customer"} {
				body = bytes.ReplaceAll(body, []byte(`"`+relation+`":{`), []byte(`"`+relation+`-of-tomorrow":{`))
			}
			resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			return resp, err
		}
		s := newMemStore()
		mustPrepare(t, s, dwollaRows(server, 2), Plan{Source: source})
		client := server.Dwolla(dwolla.WithMiddleware(anonymous))
		_, err := mustRunner(t, s, Dwolla(client), Options{}).Run(t.Context(), simBatch)
		if err == nil || !strings.Contains(err.Error(), "payout: the source does not say whose it is") {
			t.Errorf("error %v", err)
		}
		if n := len(server.Calls("createMassPayment")); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestAKeyThatIsADayOldIsNotSent(t *testing.T) {
	for age, sent := range map[time.Duration]int{25 * time.Hour: 0, dwolla.IdempotencyKeyLifetime: 0, 23 * time.Hour: 1} {
		bubble(t, age.String(), func(t *testing.T) {
			server := dwollatest.New(t)
			rows := dwollaRows(server, 1)
			body := massPayment(&Batch{ID: "b", Plan: Plan{Source: server.AccountBalance().Href}}, &Chunk{Number: 1}, rows)
			_, err := Dwolla(server.Dwolla()).Create(t.Context(), KeyUse{Key: "key", First: time.Now().Add(-age)}, body)
			expired := errors.Is(err, dwolla.ErrKeyExpired) && dwolla.OutcomeOf(err) == dwolla.OutcomeUnknown
			if posts := len(server.Calls("createMassPayment")); posts != sent || (posts == 0) != expired {
				t.Errorf("%d sent, %v", posts, err)
			}
		})
	}
}
