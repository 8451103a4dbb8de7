package dwolla_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestFault333_AnAnswerAboutAnotherResourceIsNotTheAnswer(t *testing.T) {
	const asked = "ABCDEF00-0000-4000-8000-000000000001"
	ref := func(id string) func(context.Context, *dwolla.Client) error {
		return func(ctx context.Context, c *dwolla.Client) error {
			created, err := c.Customers.Create(ctx, dwolla.CreateReceiveOnlyCustomer{FirstName: "A", LastName: "B", Email: "a@b.co"})
			if err == nil {
				_, err = created.Get(ctx)
			}
			return err
		}
	}
	calls := map[string]func(context.Context, *dwolla.Client) error{
		"Customers.Get": func(ctx context.Context, c *dwolla.Client) error {
			_, err := c.Customers.Get(ctx, asked)
			return err
		},
		"Transfers.Get by href": func(ctx context.Context, c *dwolla.Client) error {
			_, err := c.Transfers.Get(ctx, sandbox+"/transfers/"+asked+"/?x=y")
			return err
		},
		"Follow": func(ctx context.Context, c *dwolla.Client) error {
			_, err := dwolla.Follow(ctx, c, dwolla.LinkTo[dwolla.FundingSource](sandbox+"/funding-sources/"+asked))
			return err
		},
		"Get into a model": func(ctx context.Context, c *dwolla.Client) error {
			return c.Get(ctx, "/mass-payments/"+asked, nil, new(dwolla.MassPayment))
		},
		"a reference": ref(asked),
	}
	for name, run := range calls {
		for body, right := range map[string]bool{
			`{"id":"` + asked + `","status":"x"}`:                                        true,
			`{"id":"` + strings.ToLower(asked) + `","status":"x"}`:                       true,
			`{"id":"abcdef00-0000-4000-8000-000000000002","status":"x"}`:                 false,
			`{"status":"maintenance"}`:                                                   false,
			`{"id":"","status":"maintenance"}`:                                           false,
			`{"_links":{"self":{"href":"/customers/` + asked + `"}},"status":"x"}`:       false,
			`{"_links":{},"_embedded":{"customers":[{"id":"` + asked + `"}]},"total":1}`: false,
		} {
			t.Run(name+"/"+body, func(t *testing.T) {
				s := newStub(t, func(_ int, req *http.Request) *http.Response {
					if req.Method == http.MethodPost {
						return reply(201, "", "Location", sandbox+"/customers/"+asked)
					}
					return reply(200, body)
				})
				err := run(t.Context(), s.client)
				if right {
					ends(t, err, dwolla.OutcomeOK)
				} else {
					ends(t, err, dwolla.OutcomeBadResponse)
				}
			})
		}
	}
	t.Run("what is no resource of its own has no id to compare", func(t *testing.T) {
		s := newStub(t, always(200, `{"status":"certified","_links":{}}`))
		_, err := s.client.BeneficialOwners.GetOwnership(t.Context(), asked)
		ends(t, err, dwolla.OutcomeOK)
	})
}

func TestFault334_APartOfAnAnswerIsNotTheAnswer(t *testing.T) {
	s := newStub(t, always(http.StatusPartialContent, `{"id":"x","status":"pending"}`))
	_, err := s.client.Transfers.Get(t.Context(), "x")
	ends(t, err, dwolla.OutcomeBadResponse)
	err = last(s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}))
	ends(t, err, dwolla.OutcomeBadResponse)
}

func TestFault335_APageWithoutItsListIsOneOnlyIfItsTotalIsZero(t *testing.T) {
	for body, right := range map[string]bool{
		`{"_embedded":{"customers":[]},"total":0}`: true, `{"_embedded":{"customers":[]}}`: true, `{"_links":{},"total":0}`: true, `{"total":0}`: true,
		`{"_links":{}}`: false, `{"_embedded":{}}`: false, `{"_embedded":null,"_links":{}}`: false, `{"_embedded":{"customers":null}}`: false,
		`{"_embedded":{"transfers":[{"id":"x"}]},"total":1,"_links":{}}`: false, `{"_links":{},"total":5}`: false, `{"total":null,"_links":{}}`: false,
		`{"status":"maintenance"}`: false,
	} {
		t.Run(body, func(t *testing.T) {
			s := newStub(t, always(200, body))
			want := dwolla.OutcomeBadResponse
			if right {
				want = dwolla.OutcomeOK
			}
			_, err := s.client.Customers.List(t.Context(), dwolla.ListCustomersParams{})
			ends(t, err, want)
			for ahead := range 3 {
				err = last(s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithPagesAhead(ahead)))
				ends(t, err, want)
			}
			if got := fmt.Sprint(err); right != (err == nil) {
				t.Error(got)
			}
		})
	}
}
