package dwollatest_test

import (
	"net/http"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestRequestsAreRecordedUpToTheHistory(t *testing.T) {
	var observed []dwollatest.Request
	r := newRig(t, dwollatest.WithHistory(2), dwollatest.WithObserver(func(q dwollatest.Request) { observed = append(observed, q) }))
	out := r.call(http.MethodGet, "/", nil, "Accept", halJSON)
	r.get("/events?limit=1")
	r.get("/customers")
	r.expect("kept", len(r.Requests()), 2)
	r.expect("observed", len(observed), 4)
	first := observed[1]
	r.expect("operation", first.Operation, "getRoot")
	r.expect("path", first.Path, "/")
	r.expect("status", first.Status, out.status)
	r.expect("request id", first.RequestID, out.header.Get("X-Request-Id"))
	r.expect("calls", r.Calls("listEvents")[0].Path, "/events?limit=1")
}
