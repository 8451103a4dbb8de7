package dwollatest

import (
	"net/http"
	"time"
)

// The states of micro-deposits and transfers.
const (
	pending   = "pending"
	processed = "processed"
	failed    = "failed"
	cancelled = "cancelled"
)

// maxAttempts is how many wrong pairs of amounts a bank takes.
const maxAttempts = 3

// microDeposits are the two small deposits that prove who owns a bank.
type microDeposits struct {
	source   *fundingSource
	created  time.Time
	status   string
	failure  *returnCode
	amounts  [2]cents // zero while any amounts are right, as in the sandbox
	attempts int
}

func (m *microDeposits) about(what string) news {
	f := m.source
	return f.owner.about("microdeposits_"+what, f.path()+"/micro-deposits", f.id)
}

// link adds what can be done next to verify an unverified bank.
func (m *microDeposits) link(f *fundingSource, h hal, out links) {
	path := h.link(f.path() + "/micro-deposits")
	switch {
	case m == nil:
		out["initiate-micro-deposits"] = path
	case m.attempts >= maxAttempts:
		out["failed-verification-micro-deposits"] = path
	case m.status == processed:
		out["verify-micro-deposits"] = path
	}
}

// microDepositsRequest is the body of initiateOrVerifyMicroDeposits: none to initiate, two amounts to verify.
type microDepositsRequest struct {
	Amount1 *amount `json:"amount1"`
	Amount2 *amount `json:"amount2"`
}

func (r microDepositsRequest) problems() []problem {
	return append(depositProblems("/amount1", r.Amount1), depositProblems("/amount2", r.Amount2)...)
}

// depositProblems refuses what no micro-deposit can be.
func depositProblems(path string, a *amount) []problem {
	if a == nil {
		return nil
	}
	if value, err := a.cents(); err != nil || value < 1 || value > 15 {
		return []problem{invalid(path+"/value", "The amount is out of range.")}
	}
	return nil
}

func (w *world) initiateOrVerifyMicroDeposits(c *call, in microDepositsRequest) (reply, error) {
	f, err := w.source(c)
	switch {
	case err != nil:
		return reply{}, err
	case f.kind != bank || f.removed:
		return reply{}, invalidState("Only a bank that is not removed can be verified.")
	case f.status == verified:
		return reply{}, invalidState("The bank is verified already.")
	case in.Amount1 == nil:
		return w.initiateMicroDeposits(f)
	}
	return w.verifyMicroDeposits(c, f, in)
}

func (w *world) initiateMicroDeposits(f *fundingSource) (reply, error) {
	if f.micro != nil {
		return reply{}, &failure{
			status:  http.StatusBadRequest,
			code:    "MaxNumberOfResources",
			message: "Micro-deposits were initiated already.",
		}
	}
	f.micro = &microDeposits{source: f, created: w.now, status: pending}
	w.deposits = append(w.deposits, f.micro)
	w.raise(f.micro.about("added"))
	return created(f.path() + "/micro-deposits")
}

func (w *world) verifyMicroDeposits(c *call, f *fundingSource, in microDepositsRequest) (reply, error) {
	m := f.micro
	switch {
	case m == nil:
		return reply{}, notFound("Micro-deposits")
	case m.attempts >= maxAttempts:
		m.attempts++
		if m.attempts == maxAttempts+1 {
			w.raise(news{topic: "microdeposits_maxattempts", resource: f.path() + "/micro-deposits", id: f.id})
		}
		return reply{}, invalidState("Too many attempts. Remove the bank and add it again.")
	case m.status != processed:
		return accepted(object{
			"_links":  links{"self": c.hal.link(c.path)},
			"code":    "TryAgainLater",
			"message": "The micro-deposits have not settled. Try again later.",
		})
	case !m.match(in):
		return reply{}, w.wrongAmounts(m)
	}
	w.raise(m.about("completed"))
	w.markVerified(f)
	return ok(object{"_links": links{"self": c.hal.link(c.path)}})
}

// match compares the amounts in any order. Unless a test has set them, any two below 0.10 are right but 0.09 twice.
func (m *microDeposits) match(in microDepositsRequest) bool {
	first, _ := in.Amount1.cents()
	second, _ := in.Amount2.cents()
	if m.amounts == [2]cents{} {
		return first < 10 && second < 10 && (first != 9 || second != 9)
	}
	return m.amounts == [2]cents{first, second} || m.amounts == [2]cents{second, first}
}

// wrongAmounts counts an attempt. In the sandbox, the pair that is always wrong uses up all attempts at once.
func (w *world) wrongAmounts(m *microDeposits) error {
	m.attempts++
	if m.amounts == [2]cents{} {
		m.attempts = maxAttempts
	}
	if m.attempts == maxAttempts {
		w.raise(m.about("maxattempts"))
	}
	return validationError(invalid("/amount1/value", "The amounts are wrong."), invalid("/amount2/value", "The amounts are wrong."))
}

func (w *world) markVerified(f *fundingSource) {
	f.status = verified
	w.raise(f.about("verified"))
}

func (w *world) getMicroDeposits(c *call) (reply, error) {
	f, err := w.source(c)
	if err != nil {
		return reply{}, err
	}
	m := f.micro
	if m == nil {
		return reply{}, notFound("Micro-deposits")
	}
	rels := links{"self": c.hal.link(c.path)}
	if m.status == processed && f.status == unverified && m.attempts < maxAttempts {
		rels["verify-micro-deposits"] = c.hal.link(c.path)
	}
	out := object{"_links": rels, "created": stamp(m.created), "status": m.status}
	if m.failure != nil {
		out["failure"] = object{"code": m.failure.code, "description": m.failure.reason}
	}
	return ok(out)
}

// settle ends the way of the deposits, as a bank would.
func (w *world) settleDeposits(m *microDeposits) {
	if code, _ := failureByName(m.source.name); code != nil {
		m.status, m.failure = failed, code
		w.raise(m.about("failed"))
		return
	}
	m.status = processed
}
