package dwollatest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A transfer is one movement of money: a leg of a payment, a fee, or a payment from outside to a virtual account.
type transfer struct {
	id          string
	status      string
	amount      cents
	created     time.Time
	source      *fundingSource // nil for a payment from outside
	outside     *fundingSource // the virtual account number that such a payment came to
	destination *fundingSource
	sender      *party
	receiver    *party

	// The funding sources that the caller named; they differ from source and destination for the main leg of a payment
	// between banks.
	namedSource, namedDestination *fundingSource

	terms
	remittance string

	started    bool        // the money has left its source
	fundedBy   *transfer   // the leg before
	fundedLegs []*transfer // the legs after
	nextLegs   []leg       // the legs that are created once this one is processed

	fees    []feeOrder
	charged []*transfer // the fees that were charged on it
	feeOf   *transfer

	failure      *returnCode
	failedSource *fundingSource
	lateFailure  *returnCode // it fails with this code when it is processed again
}

// terms are the members of a payment that are read back as they were sent.
type terms struct {
	Metadata      map[string]string `json:"metadata"`
	Clearing      jsonObject        `json:"clearing"`
	ACHDetails    json.RawMessage   `json:"achDetails"`
	CorrelationID string            `json:"correlationId"`
	Channel       struct {
		Destination string `json:"destination"`
	} `json:"processingChannel"`
}

// showIn adds the terms to the resource of a payment.
func (t terms) showIn(out jsonObject) {
	if len(t.Metadata) > 0 {
		out["metadata"] = t.Metadata
	}
	if len(t.Clearing) > 0 {
		out["clearing"] = t.Clearing
	}
	if len(t.ACHDetails) > 0 {
		out["achDetails"] = t.ACHDetails
	}
	if t.CorrelationID != "" {
		out["correlationId"] = t.CorrelationID
	}
	if t.Channel.Destination != "" {
		out["processingChannel"] = jsonObject{"destination": t.Channel.Destination}
	}
}

func (t *transfer) path() string { return "/transfers/" + t.id }

func (t *transfer) show(h hal) jsonObject {
	out := jsonObject{
		"_links":  t.links(h),
		"id":      t.id,
		"status":  t.status,
		"amount":  usd(t.amount),
		"created": stamp(t.created),
	}
	if t.atBank() {
		out["individualAchId"] = strings.ToUpper(strings.ReplaceAll(t.id, "-", "")[:8])
	}
	t.showIn(out)
	if t.Channel.Destination != "" {
		out["processingChannel"] = jsonObject{"destination": instantChannel}
		out["rtpDetails"] = jsonObject{"destination": t.instantDetails()}
	}
	return out
}

func (t *transfer) instantDetails() jsonObject {
	out := jsonObject{}
	if t.remittance != "" {
		out["remittanceData"] = t.remittance
	}
	if t.status == processed {
		out["networkId"] = fingerprint("network", t.id)[:35]
		out["endToEndReferenceId"] = fingerprint("reference", t.id)[:35]
	}
	return out
}

func (t *transfer) links(h hal) links {
	path := t.path()
	out := links{"self": h.link(path), "destination": h.link(t.receiver.path())}
	if t.sender != nil {
		out["source"] = h.link(t.sender.path())
	} else {
		out["source"] = h.link(t.outside.path())
	}
	if t.namedSource != nil {
		out["source-funding-source"] = h.link(t.namedSource.path())
	}
	if t.namedDestination != nil {
		out["destination-funding-source"] = h.link(t.namedDestination.path())
	}
	if t.cancellable() {
		out["cancel"] = h.link(path)
	}
	if t.failure != nil {
		out["failure"] = h.link(path + "/failure")
	}
	if len(t.charged) > 0 {
		out["fees"] = h.link(path + "/fees")
	}
	if t.fundedBy != nil {
		out["funding-transfer"] = h.link(t.fundedBy.path())
	}
	if len(t.fundedLegs) == 1 {
		out["funded-transfer"] = h.link(t.fundedLegs[0].path())
	}
	if t.feeOf != nil {
		out["created-from-transfer"] = h.link(t.feeOf.path())
	}
	return out
}

// transfer finds the transfer of the path.
func (st *state) transfer(req *request) (*transfer, error) {
	return byID(st.transferByID, req, "Transfer")
}

func (st *state) cancelTransfer(req *request, _ jsonObject) (result, error) {
	t, err := st.transfer(req)
	if err != nil {
		return result{}, err
	}
	if !t.cancellable() {
		return result{}, validationError(notAllowed("/status", "The transfer cannot be cancelled any more."))
	}
	st.cancelLeg(t)
	return ok(t.show(req.hal))
}

func (st *state) getTransferFailure(req *request) (result, error) {
	t, err := st.transfer(req)
	if err != nil {
		return result{}, err
	}
	if t.failure == nil {
		return result{}, notFound("Failure")
	}
	rels := links{"self": req.hal.link(req.path)}
	if t.failedSource != nil {
		rels["failed-funding-source"] = req.hal.link(t.failedSource.path())
		if t.failedSource.party.customer != nil {
			rels["customer"] = req.hal.link(t.failedSource.party.path())
		}
	}
	return ok(jsonObject{
		"_links":      rels,
		"code":        t.failure.code,
		"description": t.failure.reason,
		"explanation": "The bank returned the entry: " + t.failure.reason + ".",
	})
}

func (st *state) listTransferFees(req *request) (result, error) {
	t, err := st.transfer(req)
	if err != nil {
		return result{}, err
	}
	entries := make([]jsonObject, 0, len(t.charged))
	for _, fee := range t.charged {
		entries = append(entries, fee.show(req.hal))
	}
	return ok(jsonObject{"transactions": entries, "total": len(entries)})
}

// listTransfers shows the newest first; the documents do not say. A page beyond the window is a BadRequest.
func (st *state) listTransfers(req *request) (result, error) {
	p, err := st.partyOf(req)
	if err != nil {
		return result{}, err
	}
	if window := pagingOf(req.query); window.limit+window.offset > dwolla.MaxListedTransfers {
		return result{}, badRequest("Only 10,000 transfers can be paged through; narrow the list by date.")
	}
	keep, err := st.transferFilter(req)
	if err != nil {
		return result{}, err
	}
	key := filterKey(req, "search", "startAmount", "endAmount", "startDate", "endDate", "status", "correlationId")
	found := p.transfers.view(key, keep)
	found = listed(st, st.quirks.SearchLag, found, func(t *transfer) time.Time { return t.created })
	return ok(page(req, "transfers", found, newestFirst))
}

// transferFilter reads the filters of a list of transfers. Days are whole days in UTC and both are included: the
// documents say "after" and "before", and their own examples include them.
func (st *state) transferFilter(req *request) (func(*transfer) bool, error) {
	lowest, err := amountFilter(req, "startAmount", 0)
	if err != nil {
		return nil, err
	}
	highest, err := amountFilter(req, "endAmount", 1<<62)
	if err != nil {
		return nil, err
	}
	first, last := dayFilter(req)
	search, status := strings.ToLower(req.query.Get("search")), req.query.Get("status")
	correlation := req.query.Get("correlationId")
	return func(t *transfer) bool {
		return t.amount >= lowest && t.amount <= highest &&
			!t.created.Before(first) && t.created.Before(last) &&
			(status == "" || t.status == status) &&
			(correlation == "" || t.CorrelationID == correlation) &&
			(search == "" || st.mentions(t, search))
	}, nil
}

func amountFilter(req *request, name string, otherwise cents) (cents, error) {
	text := req.query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	value, err := parseCents(text)
	if err != nil {
		return 0, validationError(invalidFormat("/"+name, "The amount is not a decimal."))
	}
	return value, nil
}

// dayFilter returns the time from which on, and that before which, entries are wanted.
func dayFilter(req *request) (first, last time.Time) {
	last = time.Unix(1<<40, 0)
	if day, err := time.Parse(time.DateOnly, req.query.Get("startDate")); err == nil {
		first = day
	}
	if day, err := time.Parse(time.DateOnly, req.query.Get("endDate")); err == nil {
		last = day.AddDate(0, 0, 1)
	}
	return first, last
}

// mentions reports whether the name of a party of the transfer contains the text.
func (st *state) mentions(t *transfer, text string) bool {
	names := t.receiver.names(st.account)
	if t.sender != nil {
		names = append(names, t.sender.names(st.account)...)
	}
	return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(strings.ToLower(name), text) })
}

// transferRequest is the body of createTransfer.
type transferRequest struct {
	Links struct {
		Source      link `json:"source"`
		Destination link `json:"destination"`
		Failed      link `json:"failed-transfer"`
	} `json:"_links"`
	terms
	Amount  amount         `json:"amount"`
	Fees    []feeRequest   `json:"fees"`
	RTP     instantDetails `json:"rtpDetails"`
	Instant instantDetails `json:"instantDetails"`
	Wire    jsonObject     `json:"wireInstructions"`
}

type instantDetails struct {
	Destination struct {
		RemittanceData string `json:"remittanceData"`
	} `json:"destination"`
}

func (st *state) createTransfer(req *request, in transferRequest) (result, error) {
	o, err := st.orderTransfer(in)
	if err != nil {
		return result{}, err
	}
	t := st.pay(o)
	st.paid = append(st.paid, payment{transfer: t, key: req.key})
	return created(t.path())
}
