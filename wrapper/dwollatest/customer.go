package dwollatest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// The kinds and states of Customers.
const (
	receiveOnly = "receive-only"
	unverified  = "unverified"
	personal    = "personal"
	business    = "business"

	verified    = "verified"
	retry       = "retry"
	kbaNeeded   = "kba"
	document    = "document"
	suspended   = "suspended"
	deactivated = "deactivated"

	soleProprietorship = "soleProprietorship"
)

// customer is a Customer. The members that are read back as they were written are in details.
type customer struct {
	owner
	kind      string
	status    string
	created   time.Time
	details   form
	before    string // the state before it was deactivated
	retried   bool   // the one correction is used up
	retrySSN  bool   // the correction needs the full SSN of the controller
	documents documentNeeds
	findings  []directive

	firstName, lastName, businessName, email, reference string

	ownership   string
	recertifyBy time.Time
	owners      []*beneficialOwner
	uploads     []*uploaded
	kba         *kbaSession
	labels      list[label]
}

// personData is what the caller wrote and may read back; the date of birth and the numbers never come back.
var personData = []string{
	"firstName", "lastName", "email", "address1", "address2", "city", "state", "postalCode", "phone",
	"businessName", "doingBusinessAs", "businessType", "businessClassification", "website", "correlationId",
}

// createCustomerRequest is the body of createCustomer; which members it has depends on its type.
type createCustomerRequest form

func (r createCustomerRequest) problems() []problem { return customerProblems(form(r)) }

func (w *world) createCustomer(c *call, in createCustomerRequest) (reply, error) {
	data := form(in)
	if found := w.taken(data, nil); len(found) > 0 {
		return reply{}, validationError(found...)
	}
	if found := w.adult(data); len(found) > 0 {
		return reply{}, validationError(found...)
	}
	if w.isGroup(data.text("businessClassification")) {
		return reply{}, validationError(invalid("/businessClassification", "Name an industry, not its group."))
	}
	k := w.newCustomer(cmp.Or(data.text("type"), unverified), data)
	w.raise(k.about("created"))
	if k.kind == personal || k.kind == business {
		w.verify(k, data)
	}
	return created(k.path())
}

// newCustomer adds a Customer that is not verified yet.
func (w *world) newCustomer(kind string, data form) *customer {
	k := &customer{kind: kind, status: unverified, created: w.now, details: form{}}
	k.owner = owner{id: w.ids.uuid(), customer: k}
	k.take(data)
	w.customers.add(k)
	w.customerByID[k.id] = k
	w.index(k)
	return k
}

// take copies the data that can be read back, and the members that rules look at.
func (k *customer) take(data form) {
	for _, name := range personData {
		if data.has(name) {
			k.details[name] = data[name]
		}
	}
	if controller := data.object("controller"); controller != nil {
		shown := form{}
		for _, name := range []string{"firstName", "lastName", "title", "address"} {
			if controller.has(name) {
				shown[name] = controller[name]
			}
		}
		k.details["controller"] = map[string]any(shown)
	}
	maps.DeleteFunc(k.details, func(_ string, v any) bool { return v == "" })
	k.firstName, k.lastName = k.details.text("firstName"), k.details.text("lastName")
	k.businessName, k.email = k.details.text("businessName"), k.details.text("email")
	k.reference = k.details.text("correlationId")
}

// index makes the Customer found by what must be unique.
func (w *world) index(k *customer) {
	w.byEmail[strings.ToLower(k.email)] = k
	if k.reference != "" {
		w.byReference[k.reference] = k
	}
	w.customers.changed()
}

// taken finds the members that another Customer than self has already.
func (w *world) taken(data form, self *customer) []problem {
	var out []problem
	if other := w.byEmail[strings.ToLower(data.text("email"))]; other != nil && other != self {
		out = append(out, duplicate("/email", "A customer with the specified email already exists."))
	}
	if other := w.byReference[data.text("correlationId")]; other != nil && other != self {
		out = append(out, duplicate("/correlationId", "A customer with the specified correlationId already exists."))
	}
	return out
}

func (w *world) listCustomers(c *call) (reply, error) {
	search, email, states := strings.ToLower(c.query.Get("search")), c.query.Get("email"), c.query["status"]
	keep := func(k *customer) bool {
		return (len(states) == 0 || slices.Contains(states, k.status)) &&
			(email == "" || strings.EqualFold(email, k.email)) &&
			(search == "" || k.resembles(search))
	}
	found := w.customers.view(filterKey(c, "search", "email", "status"), keep)
	return ok(page(c, "customers", found, oldestFirst, func(k *customer) object { return w.showCustomer(c.hal, k) }))
}

func (k *customer) resembles(text string) bool {
	for _, name := range []string{k.firstName + " " + k.lastName, k.businessName, k.email} {
		if strings.Contains(strings.ToLower(name), text) {
			return true
		}
	}
	return false
}

func (w *world) getCustomer(c *call) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	return ok(w.showCustomer(c.hal, k))
}

// customer finds the Customer of the path.
func (w *world) customer(c *call) (*customer, error) {
	if k := w.customerByID[c.id]; k != nil {
		return k, nil
	}
	return nil, notFound("Customer")
}

func (w *world) showCustomer(h hal, k *customer) object {
	out := object{"_links": w.customerLinks(h, k)}
	maps.Copy(out, k.details)
	out["id"], out["type"], out["status"], out["created"] = k.id, k.kind, k.status, stamp(k.created)
	if len(k.findings) > 0 {
		out["_embedded"] = object{"errors": k.showFindings(h)}
	}
	return out
}

// customerLinks are the relations of a Customer; an action is there only while it is allowed.
func (w *world) customerLinks(h hal, k *customer) links {
	path := k.path()
	out := links{
		"self":            h.link(path),
		"funding-sources": h.link(path + "/funding-sources"),
		"transfers":       h.link(path + "/transfers"),
	}
	if !k.blocked() {
		out["receive"] = h.link("/transfers")
		out["deactivate"] = h.link(path)
	}
	if k.editable() {
		out["edit"] = h.link(path)
		out["edit-form"] = h.form(path)
	}
	if w.maySend(k) {
		out["send"] = h.link("/transfers")
	}
	k.verificationLinks(h, out)
	return out
}

// editable reports whether the data may be changed.
func (k *customer) editable() bool {
	return k.status != document && !k.blocked()
}

// maySend reports whether the Customer can be the source of a transfer.
func (w *world) maySend(k *customer) bool {
	if k.kind == receiveOnly || k.blocked() {
		return false
	}
	if k.kind == unverified {
		return true
	}
	return k.status == verified && w.ownersCertified(k)
}

// filterKey names the filters of a list request, so that the outcome can be remembered; it is empty without filters.
func filterKey(c *call, names ...string) string {
	var parts []string
	for _, name := range names {
		for _, value := range c.query[name] {
			if value != "" {
				parts = append(parts, name+"\x00"+value)
			}
		}
	}
	return strings.Join(parts, "\x01")
}
