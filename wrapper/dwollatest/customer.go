package dwollatest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// The types of Customers; unverified is one too.
const (
	receiveOnly = "receive-only"
	personal    = "personal"
	business    = "business"

	soleProprietorship = "soleProprietorship" // a business type
)

// A customer is a Customer. Its details are the members that are read back as they were written.
type customer struct {
	party
	kind       string
	status     string
	created    time.Time
	details    jsonObject
	before     string // the state before it was deactivated
	retried    bool   // the one correction is used up
	retrySSN   bool   // the correction needs the full SSN of the controller
	documents  documentNeeds
	directives []directive

	firstName, lastName, businessName, email, reference string

	ownership        string
	recertifyBy      time.Time
	beneficialOwners []*beneficialOwner
	storedDocuments  []*storedDocument
	kba              *kbaSession
	labels           list[label]
}

// readableData are the members that can be read back; the date of birth and the identification numbers cannot.
var readableData = []string{
	"firstName", "lastName", "email", "address1", "address2", "city", "state", "postalCode", "phone",
	"businessName", "doingBusinessAs", "businessType", "businessClassification", "website", "correlationId",
}

// createCustomerRequest is the body of createCustomer; which members it has depends on its type.
type createCustomerRequest jsonObject

func (r createCustomerRequest) fieldErrors() []fieldError { return customerErrors(jsonObject(r)) }

func (st *state) createCustomer(req *request, in createCustomerRequest) (result, error) {
	data := jsonObject(in)
	if found := st.duplicates(data, nil); len(found) > 0 {
		return result{}, validationError(found...)
	}
	if found := st.adult(data); len(found) > 0 {
		return result{}, validationError(found...)
	}
	if st.isGroup(data.text("businessClassification")) {
		return result{}, validationError(invalid("/businessClassification", "Name an industry, not its group."))
	}
	k := st.newCustomer(cmp.Or(data.text("type"), unverified), data)
	st.emit(k.event("created"))
	if k.kind == personal || k.kind == business {
		st.verify(k, data)
	}
	return created(k.path())
}

// newCustomer adds a Customer that is not verified yet.
func (st *state) newCustomer(kind string, data jsonObject) *customer {
	k := &customer{kind: kind, status: unverified, created: st.now, details: jsonObject{}}
	k.party = party{id: st.ids.uuid(), customer: k}
	k.setData(data)
	st.customers.add(k)
	st.customerByID[k.id] = k
	st.index(k)
	return k
}

// setData copies the data that can be read back, and the members that rules depend on.
func (k *customer) setData(data jsonObject) {
	for _, name := range readableData {
		if data.sets(name) {
			k.details[name] = data[name]
		}
	}
	if controller := data.object("controller"); controller != nil {
		shown := jsonObject{}
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

// index enters the Customer under the members that must be unique.
func (st *state) index(k *customer) {
	st.byEmail[strings.ToLower(k.email)] = k
	if k.reference != "" {
		st.byReference[k.reference] = k
	}
	st.customers.changed()
}

// duplicates are the members that another Customer than self has already.
func (st *state) duplicates(data jsonObject, self *customer) []fieldError {
	var out []fieldError
	if other := st.byEmail[strings.ToLower(data.text("email"))]; other != nil && other != self {
		out = append(out, duplicate("/email", "A customer with the specified email already exists."))
	}
	if other := st.byReference[data.text("correlationId")]; other != nil && other != self {
		out = append(out, duplicate("/correlationId", "A customer with the specified correlationId already exists."))
	}
	return out
}

func (st *state) listCustomers(req *request) (result, error) {
	search, email, states := strings.ToLower(req.query.Get("search")), req.query.Get("email"), req.query["status"]
	keep := func(k *customer) bool {
		return (len(states) == 0 || slices.Contains(states, k.status)) &&
			(email == "" || strings.EqualFold(email, k.email)) &&
			(search == "" || k.matches(search))
	}
	found := st.customers.view(filterKey(req, "search", "email", "status"), keep)
	return ok(page(req, "customers", found, oldestFirst))
}

func (k *customer) matches(text string) bool {
	for _, name := range []string{k.firstName + " " + k.lastName, k.businessName, k.email} {
		if strings.Contains(strings.ToLower(name), text) {
			return true
		}
	}
	return false
}

// customer finds the Customer of the path.
func (st *state) customer(req *request) (*customer, error) {
	return byID(st.customerByID, req, "Customer")
}

func (k *customer) show(h hal) jsonObject {
	out := jsonObject{"_links": k.links(h)}
	maps.Copy(out, k.details)
	out["id"], out["type"], out["status"], out["created"] = k.id, k.kind, k.status, stamp(k.created)
	if len(k.directives) > 0 {
		out["_embedded"] = jsonObject{"errors": k.showDirectives(h)}
	}
	return out
}

// links are the relations of a Customer; an action is there only while it is allowed.
func (k *customer) links(h hal) links {
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
		out["edit-form"] = h.halForm(path)
	}
	if h.state.maySend(k) {
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
func (st *state) maySend(k *customer) bool {
	if k.kind == receiveOnly || k.blocked() {
		return false
	}
	if k.kind == unverified {
		return true
	}
	return k.status == verified && st.ownershipCertified(k)
}

// filterKey is the key under which the result of the filters of a request is cached; it is empty without filters.
func filterKey(req *request, names ...string) string {
	var parts []string
	for _, name := range names {
		for _, value := range req.query[name] {
			if value != "" {
				parts = append(parts, name+"\x00"+value)
			}
		}
	}
	return strings.Join(parts, "\x01")
}
