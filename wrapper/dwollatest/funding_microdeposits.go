package dwollatest

import (
	"net/http"
	"time"
)

// maxAttempts is how many wrong pairs of amounts are allowed.
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

func (m *microDeposits) event(what string) event {
	f := m.source
	return f.party.event("microdeposits_"+what, f.path()+"/micro-deposits", f.id)
}

// link adds the next step in the verification of an unverified bank.
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

func (r microDepositsRequest) fieldErrors() []fieldError {
	return append(depositErrors("/amount1", r.Amount1), depositErrors("/amount2", r.Amount2)...)
}

// depositErrors refuses an amount that no micro-deposit has.
func depositErrors(path string, a *amount) []fieldError {
	if a == nil {
		return nil
	}
	if value, err := a.cents(); err != nil || value < 1 || value > 15 {
		return []fieldError{invalid(path+"/value", "The amount is out of range.")}
	}
	return nil
}

func (st *state) initiateOrVerifyMicroDeposits(req *request, in microDepositsRequest) (result, error) {
	f, err := st.source(req)
	switch {
	case err != nil:
		return result{}, err
	case f.kind != bank || f.removed:
		return result{}, invalidState("Only a bank that is not removed can be verified.")
	case f.status == verified:
		return result{}, invalidState("The bank is verified already.")
	case in.Amount1 == nil:
		return st.initiateMicroDeposits(f)
	}
	return st.verifyMicroDeposits(req, f, in)
}

func (st *state) initiateMicroDeposits(f *fundingSource) (result, error) {
	if f.micro != nil {
		return result{}, &apiError{
			status:  http.StatusBadRequest,
			code:    "MaxNumberOfResources",
			message: "Micro-deposits were initiated already.",
		}
	}
	f.micro = &microDeposits{source: f, created: st.now, status: pending}
	st.deposits = append(st.deposits, f.micro)
	st.emit(f.micro.event("added"))
	return created(f.path() + "/micro-deposits")
}

func (st *state) verifyMicroDeposits(req *request, f *fundingSource, in microDepositsRequest) (result, error) {
	m := f.micro
	switch {
	case m == nil:
		return result{}, notFound("Micro-deposits")
	case m.attempts >= maxAttempts:
		m.attempts++
		if m.attempts == maxAttempts+1 {
			st.emit(event{topic: "microdeposits_maxattempts", resource: f.path() + "/micro-deposits", resourceID: f.id})
		}
		return result{}, invalidState("Too many attempts. Remove the bank and add it again.")
	case m.status != processed:
		return accepted(jsonObject{
			"_links":  links{"self": req.hal.link(req.path)},
			"code":    "TryAgainLater",
			"message": "The micro-deposits have not settled. Try again later.",
		})
	case !m.match(in):
		return result{}, st.wrongAmounts(m)
	}
	st.emit(m.event("completed"))
	st.markVerified(f)
	return ok(jsonObject{"_links": links{"self": req.hal.link(req.path)}})
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
func (st *state) wrongAmounts(m *microDeposits) error {
	m.attempts++
	if m.amounts == [2]cents{} {
		m.attempts = maxAttempts
	}
	if m.attempts == maxAttempts {
		st.emit(m.event("maxattempts"))
	}
	return validationError(invalid("/amount1/value", "The amounts are wrong."), invalid("/amount2/value", "The amounts are wrong."))
}

func (st *state) markVerified(f *fundingSource) {
	f.status = verified
	st.emit(f.event("verified"))
}

func (st *state) getMicroDeposits(req *request) (result, error) {
	f, err := st.source(req)
	if err != nil {
		return result{}, err
	}
	m := f.micro
	if m == nil {
		return result{}, notFound("Micro-deposits")
	}
	rels := links{"self": req.hal.link(req.path)}
	if m.status == processed && f.status == unverified && m.attempts < maxAttempts {
		rels["verify-micro-deposits"] = req.hal.link(req.path)
	}
	out := jsonObject{"_links": rels, "created": stamp(m.created), "status": m.status}
	if m.failure != nil {
		out["failure"] = jsonObject{"code": m.failure.code, "description": m.failure.reason}
	}
	return ok(out)
}

// settleDeposits processes or returns the deposits, as a bank would, and reports whether they return late, which is the next
// time.
func (st *state) settleDeposits(m *microDeposits) (again bool) {
	code, late := returnCodeByName(m.source.name)
	if code != nil && (!late || m.status == processed) {
		m.status, m.failure = failed, code
		st.emit(m.event("failed"))
		return false
	}
	m.status = processed
	return code != nil
}
