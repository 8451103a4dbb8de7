package dwollatest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestDeviationsFromTheContractFailTheTest(t *testing.T) {
	silent := &silentTB{TB: t}
	server := dwollatest.New(silent)
	r := &rig{Server: server, t: t, http: server.Client(), base: server.URL()}
	r.authenticate()
	r.post("/customers", jsonObject{"firstName": "A", "lastName": "B", "email": "a@example.com", "phone": "55"})
	r.call(http.MethodGet, "/nothing", nil)
	r.Fault("createNothing", dwollatest.Fault{Status: 500})
	if len(silent.failures) != 3 {
		t.Fatalf("got %q", silent.failures)
	}
	for i, want := range []string{"createCustomer: request body /phone: ", "unexpected call: ", "createNothing"} {
		if !strings.Contains(silent.failures[i], want) {
			t.Errorf("%q does not tell %q", silent.failures[i], want)
		}
	}
	if _, ok := errors.AsType[*contract.Violation](server.Problems()[0]); !ok {
		t.Errorf("got a %T", server.Problems()[0])
	}
}

// silentTB is a test that may fail without consequence.
type silentTB struct {
	testing.TB
	failures []string
}

func (s *silentTB) Errorf(format string, args ...any) {
	for _, a := range args {
		if err, ok := a.(error); ok {
			s.failures = append(s.failures, err.Error())
		}
	}
}
