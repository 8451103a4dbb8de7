package dwolla

import (
	"errors"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestFault094_TheDuplicateIsReachableThroughTheSameOriginOnly(t *testing.T) {
	for href, foreign := range map[string]bool{faultserver.Base + "/customers/c1": false, "https://evil.test/customers/c1": true} {
		t.Run(href, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(faultserver.Text(400, halType, `{"code":"DuplicateResource","message":"m","_links":{"about":{"href":"`+href+`"}}}`))
			_, err := r.Customers.Create(t.Context(), CreateReceiveOnlyCustomer{})
			r.check(t, err, want{OutcomeRejected, 1, 0})
			e, _ := errors.AsType[*Error](err)
			if e.About.Href != href || !errors.Is(err, api.CodeDuplicateResource) {
				t.Fatalf("%+v", e)
			}
			_, err = Follow(t.Context(), r.Client, api.Retype[Customer](e.About))
			if errors.Is(err, ErrForeignLink) != foreign || (err == nil) == foreign {
				t.Error(err)
			}
			sends := 2
			if foreign {
				sends = 1
			}
			if n := len(r.bank.Requests()); n != sends {
				t.Errorf("%d requests", n)
			}
		})
	}
}
