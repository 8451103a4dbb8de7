package dwolla

import (
	"fmt"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

// An ending is a fault that happens to every attempt of a write, and the outcome that the client must report.
type ending struct {
	name    string
	fault   *faultserver.Fault
	outcome Outcome
	sends   int
}

// endings is the table of faults of a write with a key.
func endings() []ending {
	text := func(status int, media, body string) *faultserver.Fault { return faultserver.Text(status, media, body) }
	short := func(f *faultserver.Fault) *faultserver.Fault { own := *f; own.End = faultserver.CutShort; return &own }
	all := []ending{
		{"a reset", faultserver.Drop(), OutcomeUnknown, 3},
		{"a reset after it was done", faultserver.Drop().Committed(), OutcomeUnknown, 3},
		{"no answer", faultserver.Stall(), OutcomeUnknown, 3},
		{"no answer after it was done", faultserver.Stall().Committed(), OutcomeUnknown, 3},
		{"an answer that breaks off", short(text(201, "application/json", `{"a":`).With("Location", "/x/1").Committed()), OutcomeOK, 1},
		{"an answer without a Location that breaks off", short(text(201, "application/json", `{"a":`).Committed()), OutcomeUnknown, 3},
		{"an answer of 200 that breaks off", short(text(200, "application/json", `{"a":`).Committed()), OutcomeUnknown, 3},
		{"a refusal that breaks off", short(text(400, halType, `{"code":`)), OutcomeUnknown, 1},
		{"a page that forbids, after it was done", text(403, "text/html", "<html>").Committed(), OutcomeUnknown, 1},
		{"nothing is found, after it was done", text(404, "", "").Committed(), OutcomeUnknown, 1},
		{"JSON of a firewall, after it was done", text(403, "application/json", `{"error":"blocked by policy"}`).Committed(), OutcomeUnknown, 1},
		{"a page that is busy, after it was done", text(429, "text/html", "<html>").Committed(), OutcomeUnknown, 3},
		{"a page that moves, after it was done", text(302, "text/html", "<html>").With("Location", "/done").Committed(), OutcomeUnknown, 1},
		{"a login, after it was done", text(401, "text/html", "<html>").Committed(), OutcomeUnknown, 1},
		{"another 2xx", text(203, "application/json", `{"maintenance":true}`), OutcomeUnknown, 1},
		{"no content", text(204, "", ""), OutcomeUnknown, 1},
		{"a body that trickles", &faultserver.Fault{Answer: text(200, "application/json", "").Answer, End: faultserver.Trickle}, OutcomeUnknown, 3},
		{"a page with 200", text(200, "text/html", "<html>"), OutcomeUnknown, 1},
		{"a page with 201", text(201, "text/html", "<html>"), OutcomeUnknown, 1},
		{"201 and nothing else", text(201, "", "").Committed(), OutcomeOK, 1},
		{"broken compression", text(201, "application/json", "plain").With("Content-Encoding", "gzip").Committed(), OutcomeUnknown, 3},
		{"429 for an hour", faultserver.Status(429, "TooManyRequests").With("Retry-After", "3600"), OutcomeRateLimited, 1},
		{"429 for no time", faultserver.Status(429, "TooManyRequests").With("Retry-After", "0"), OutcomeRateLimited, 3},
		{"401 for the application", faultserver.Status(401, "InvalidCredentials"), OutcomeAuthFailed, 1},
		{"401 for the token", faultserver.Status(401, "ExpiredAccessToken"), OutcomeAuthFailed, 2},
		{"400 with fields", text(400, halType, `{"code":"ValidationError","_embedded":{"errors":[{"code":"Required","path":"/a"}]}}`), OutcomeRejected, 1},
	}
	for status, e := range map[int]ending{
		400: {outcome: OutcomeRejected, sends: 1}, 403: {outcome: OutcomeRejected, sends: 1}, 404: {outcome: OutcomeRejected, sends: 1},
		405: {outcome: OutcomeRejected, sends: 1}, 406: {outcome: OutcomeRejected, sends: 1}, 407: {outcome: OutcomeUnknown, sends: 1},
		408: {outcome: OutcomeUnknown, sends: 3}, 409: {outcome: OutcomeUnknown, sends: 4}, 410: {outcome: OutcomeRejected, sends: 1},
		413: {outcome: OutcomeRejected, sends: 1}, 415: {outcome: OutcomeRejected, sends: 1}, 422: {outcome: OutcomeRejected, sends: 1},
		425: {outcome: OutcomeRejected, sends: 3}, 429: {outcome: OutcomeRateLimited, sends: 3}, 500: {outcome: OutcomeUnknown, sends: 3},
		501: {outcome: OutcomeRejected, sends: 1}, 502: {outcome: OutcomeUnknown, sends: 3}, 503: {outcome: OutcomeUnknown, sends: 3},
		504: {outcome: OutcomeUnknown, sends: 3}, 505: {outcome: OutcomeRejected, sends: 1}, 507: {outcome: OutcomeUnknown, sends: 3},
		520: {outcome: OutcomeUnknown, sends: 3}, 522: {outcome: OutcomeUnknown, sends: 3}, 524: {outcome: OutcomeUnknown, sends: 3},
		301: {outcome: OutcomeUnknown, sends: 1}, 302: {outcome: OutcomeUnknown, sends: 1}, 303: {outcome: OutcomeUnknown, sends: 1},
		307: {outcome: OutcomeUnknown, sends: 1}, 308: {outcome: OutcomeUnknown, sends: 1},
	} {
		e.name, e.fault = fmt.Sprint(status), faultserver.Status(status, "Own")
		all = append(all, e)
		if e.outcome == OutcomeUnknown {
			e.name, e.fault = e.name+" after it was done", e.fault.Committed()
			all = append(all, e)
		}
		if status == 500 {
			e.name, e.fault, e.sends = "500, and the key is locked", e.fault.Locked(), 3
			all = append(all, e)
		}
		if status < 400 {
			e.name, e.fault = e.name+" to another host", faultserver.Status(status, "Own").With("Location", "https://evil.test/")
			all = append(all, e)
		}
	}
	return all
}

// unsent are the faults of a connection that is never made; they are for tests in memory only.
func unsent() []ending {
	return []ending{
		{"refused", &faultserver.Fault{End: faultserver.Refused}, OutcomeNotSent, 3},
		{"no such host", &faultserver.Fault{End: faultserver.Nameless}, OutcomeNotSent, 1},
		{"no name server", &faultserver.Fault{End: faultserver.Busy}, OutcomeNotSent, 3},
	}
}
