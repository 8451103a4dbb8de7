package dwolla_test

import (
	"fmt"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestFault061_RedirectsAreNeverFollowed(t *testing.T) {
	targets := []string{
		sandbox + "/elsewhere", "https://evil.test/x", "http://api-sandbox.dwolla.com/x", "/transfers", "//evil.test/x", "", "%zz://\x7f", "http://[::1",
	}
	for _, status := range []int{300, 301, 302, 303, 304, 307, 308} {
		for _, to := range targets {
			t.Run(fmt.Sprintf("%d to %q", status, to), func(t *testing.T) {
				s := newStub(t, always(status, "", "Location", to))
				var resp dwolla.Response
				_, err := s.client.Customers.Get(t.Context(), "x", dwolla.WithResponse(&resp))
				ends(t, err, dwolla.OutcomeBadResponse, dwolla.ErrRedirect)
				s.sends(t, 1)
				if got := resp.Header.Get("Location"); got != to {
					t.Errorf("Location reads %q", got)
				}
				s = newStub(t, always(status, "", "Location", to))
				_, err = s.client.Transfers.Create(t.Context(), aTransfer())
				ends(t, err, dwolla.OutcomeUnknown, dwolla.ErrRedirect)
				s.sends(t, 1)
				s = newStub(t, always(status, "", "Location", to))
				_, err = s.upload(t.Context(), strings.NewReader(string(pngDocument(99))), "a.png")
				ends(t, err, dwolla.OutcomeUnknown, dwolla.ErrRedirect)
				s.sends(t, 1)
				s = newStub(t, always(status, "", "Location", to))
				for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}) {
					ends(t, err, dwolla.OutcomeBadResponse, dwolla.ErrRedirect)
				}
				s.sends(t, 1)
			})
		}
	}
}
