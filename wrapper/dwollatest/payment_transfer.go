package dwollatest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// maxWindow is how far a list of transfers can be paged.
const maxWindow = 10_000

// transfer is one movement of money: a leg of a payment, a fee, or a payment from outside to a virtual account.
type transfer struct {
	id      string
	status  string
	amount  cents
	created time.Time
	seller  *fundingSource // nil for a payment from outside
	outside *fundingSource // the virtual account number that such a payment came to
	buyer   *fundingSource
	from    *owner
	to      *owner

	// shown are the funding sources that the caller named; they differ from those of the leg for the main leg of a
	// payment between banks.
	shownFrom, shownTo *fundingSource

	terms       terms
	correlation string

	started bool        // the money has left a balance, or the debit is at the bank
	funding *transfer   // the leg before
	funds   []*transfer // the legs after
	rest    []hop       // the legs that come into being once this one is processed

	fees    []feeOrder
	charged []*transfer // the fees that were charged on it
	feeOf   *transfer

	failure *returnCode
	faulty  *fundingSource
	late    *returnCode // fails with it when it is processed once more
}

// terms are the parts of a payment that are read back as they were sent.
type terms struct {
	metadata   map[string]string
	clearing   form
	achDetails json.RawMessage
	channel    string
	remittance string
}

func (t *transfer) path() string { return "/transfers/" + t.id }

func (t *transfer) show(h hal) object {
	out := object{
		"_links":  t.links(h),
		"id":      t.id,
		"status":  t.status,
		"amount":  usd(t.amount),
		"created": stamp(t.created),
	}
	if t.correlation != "" {
		out["correlationId"] = t.correlation
	}
	if t.atBank() {
		out["individualAchId"] = strings.ToUpper(strings.ReplaceAll(t.id, "-", "")[:8])
	}
	t.terms.show(t, out)
	return out
}

func (m terms) show(t *transfer, out object) {
	if len(m.metadata) > 0 {
		out["metadata"] = m.metadata
	}
	if len(m.clearing) > 0 {
		out["clearing"] = m.clearing
	}
	if len(m.achDetails) > 0 {
		out["achDetails"] = m.achDetails
	}
	if m.channel == "" {
		return
	}
	out["processingChannel"] = object{"destination": "real-time-payments"}
	details := object{}
	if m.remittance != "" {
		details["remittanceData"] = m.remittance
	}
	if t.status == processed {
		details["networkId"] = fingerprint("network", t.id)[:35]
		details["endToEndReferenceId"] = fingerprint("reference", t.id)[:35]
	}
	out["rtpDetails"] = object{"destination": details}
}

func (t *transfer) links(h hal) links {
	path := t.path()
	out := links{"self": h.link(path), "destination": h.link(t.to.path())}
	if t.from != nil {
		out["source"] = h.link(t.from.path())
	} else {
		out["source"] = h.link(t.outside.path())
	}
	if t.shownFrom != nil {
		out["source-funding-source"] = h.link(t.shownFrom.path())
	}
	if t.shownTo != nil {
		out["destination-funding-source"] = h.link(t.shownTo.path())
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
	if t.funding != nil {
		out["funding-transfer"] = h.link(t.funding.path())
	}
	if len(t.funds) == 1 {
		out["funded-transfer"] = h.link(t.funds[0].path())
	}
	if t.feeOf != nil {
		out["created-from-transfer"] = h.link(t.feeOf.path())
	}
	return out
}

func (w *world) getTransfer(c *call) (reply, error) {
	t, err := w.transfer(c)
	if err != nil {
		return reply{}, err
	}
	return ok(t.show(c.hal))
}

// transfer finds the transfer of the path.
func (w *world) transfer(c *call) (*transfer, error) {
	if t := w.transferByID[c.id]; t != nil {
		return t, nil
	}
	return nil, notFound("Transfer")
}

// cancelTransferRequest is the body of cancelTransfer.
type cancelTransferRequest struct {
	Status string `json:"status"`
}

func (w *world) cancelTransfer(c *call, _ cancelTransferRequest) (reply, error) {
	t, err := w.transfer(c)
	if err != nil {
		return reply{}, err
	}
	if !t.cancellable() {
		return reply{}, validationError(notAllowed("/status", "The transfer cannot be cancelled any more."))
	}
	w.cancel(t)
	return ok(t.show(c.hal))
}

func (w *world) getTransferFailure(c *call) (reply, error) {
	t, err := w.transfer(c)
	if err != nil {
		return reply{}, err
	}
	if t.failure == nil {
		return reply{}, notFound("Failure")
	}
	rels := links{"self": c.hal.link(c.path)}
	if t.faulty != nil {
		rels["failed-funding-source"] = c.hal.link(t.faulty.path())
		if t.faulty.owner.customer != nil {
			rels["customer"] = c.hal.link(t.faulty.owner.path())
		}
	}
	return ok(object{
		"_links":      rels,
		"code":        t.failure.code,
		"description": t.failure.reason,
		"explanation": "The bank returned the entry: " + t.failure.reason + ".",
	})
}

func (w *world) listTransferFees(c *call) (reply, error) {
	t, err := w.transfer(c)
	if err != nil {
		return reply{}, err
	}
	entries := make([]object, 0, len(t.charged))
	for _, fee := range t.charged {
		entries = append(entries, fee.show(c.hal))
	}
	return ok(object{"transactions": entries, "total": len(entries)})
}

func (w *world) listAccountTransfers(c *call) (reply, error) {
	if err := w.ownAccount(c); err != nil {
		return reply{}, err
	}
	return w.listTransfers(c, &w.account.owner)
}

func (w *world) listCustomerTransfers(c *call) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	return w.listTransfers(c, &k.owner)
}

// listTransfers answers the newest first; the documents do not say. The window is refused with BadRequest.
func (w *world) listTransfers(c *call, o *owner) (reply, error) {
	if p := pagingOf(c.query); p.limit+p.offset > maxWindow {
		return reply{}, badRequest("Only 10,000 transfers can be paged through; narrow the list by date.")
	}
	keep, err := w.transferFilter(c)
	if err != nil {
		return reply{}, err
	}
	key := filterKey(c, "search", "startAmount", "endAmount", "startDate", "endDate", "status", "correlationId")
	found := o.transfers.view(key, keep)
	return ok(page(c, "transfers", found, newestFirst, func(t *transfer) object { return t.show(c.hal) }))
}

// transferFilter reads the filters of a list of transfers. Days are whole days in UTC and both are included: the
// documents say "after" and "before", and their own examples include them.
func (w *world) transferFilter(c *call) (func(*transfer) bool, error) {
	lowest, err := amountFilter(c, "startAmount", 0)
	if err != nil {
		return nil, err
	}
	highest, err := amountFilter(c, "endAmount", 1<<62)
	if err != nil {
		return nil, err
	}
	first, last := dayFilter(c)
	search, status := strings.ToLower(c.query.Get("search")), c.query.Get("status")
	correlation := c.query.Get("correlationId")
	return func(t *transfer) bool {
		return t.amount >= lowest && t.amount <= highest &&
			!t.created.Before(first) && t.created.Before(last) &&
			(status == "" || t.status == status) &&
			(correlation == "" || t.correlation == correlation) &&
			(search == "" || w.mentions(t, search))
	}, nil
}

func amountFilter(c *call, name string, otherwise cents) (cents, error) {
	text := c.query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	value, err := parseCents(text)
	if err != nil {
		return 0, validationError(invalidFormat("/"+name, "The amount is not a decimal."))
	}
	return value, nil
}

// dayFilter returns the moments from which on and before which entries are wanted.
func dayFilter(c *call) (first, last time.Time) {
	last = time.Unix(1<<40, 0)
	if day, err := time.Parse(time.DateOnly, c.query.Get("startDate")); err == nil {
		first = day
	}
	if day, err := time.Parse(time.DateOnly, c.query.Get("endDate")); err == nil {
		last = day.AddDate(0, 0, 1)
	}
	return first, last
}

// mentions reports whether a party of the transfer resembles the text.
func (w *world) mentions(t *transfer, text string) bool {
	names := t.to.names(w.account)
	if t.from != nil {
		names = append(names, t.from.names(w.account)...)
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
	Amount        amount            `json:"amount"`
	Metadata      map[string]string `json:"metadata"`
	Fees          []feeRequest      `json:"fees"`
	Clearing      form              `json:"clearing"`
	ACH           json.RawMessage   `json:"achDetails"`
	RTP           instantDetails    `json:"rtpDetails"`
	Instant       instantDetails    `json:"instantDetails"`
	Wire          form              `json:"wireInstructions"`
	CorrelationID *string           `json:"correlationId"`
	Channel       struct {
		Destination string `json:"destination"`
	} `json:"processingChannel"`
}

type instantDetails struct {
	Destination struct {
		RemittanceData string `json:"remittanceData"`
	} `json:"destination"`
}

func (w *world) createTransfer(c *call, in transferRequest) (reply, error) {
	o, err := w.orderTransfer(in)
	if err != nil {
		return reply{}, err
	}
	t := w.pay(o)
	w.paid = append(w.paid, payment{transfer: t, key: c.key})
	return created(t.path())
}
