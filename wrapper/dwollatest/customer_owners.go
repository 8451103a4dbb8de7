package dwollatest

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// A beneficialOwner is a person who owns a quarter of a business or more.
type beneficialOwner struct {
	id              string
	business        *customer
	details         jsonObject
	status          string
	created         time.Time
	retried         bool
	storedDocuments []*storedDocument
}

func (o *beneficialOwner) path() string { return "/beneficial-owners/" + o.id }

func (o *beneficialOwner) event(what string) event {
	return o.business.party.event("beneficial_owner_"+what, o.path(), o.id)
}

// beneficialOwnerRequest is the body that creates a beneficial owner or retries the verification.
type beneficialOwnerRequest jsonObject

func (r beneficialOwnerRequest) fieldErrors() []fieldError { return personErrors("", jsonObject(r)) }

func (st *state) createCustomerBeneficialOwner(req *request, in beneficialOwnerRequest) (result, error) {
	k, err := st.businessWithOwnership(req)
	if err != nil {
		return result{}, err
	}
	if found := st.adult(jsonObject(in)); len(found) > 0 {
		return result{}, validationError(found...)
	}
	o := &beneficialOwner{id: st.ids.uuid(), business: k, created: st.now}
	k.beneficialOwners = append(k.beneficialOwners, o)
	st.beneficialOwnerByID[o.id] = o
	st.emit(o.event("created"))
	st.verifyBeneficialOwner(o, jsonObject(in))
	st.ownershipChanged(k)
	return created(o.path())
}

// businessWithOwnership finds the Customer of the path, which must be a business with beneficial owners to certify.
func (st *state) businessWithOwnership(req *request) (*customer, error) {
	k, err := st.customer(req)
	if err != nil {
		return nil, err
	}
	if k.kind != business || k.ownership == "" {
		return nil, forbidden("The Customer has no beneficial owners.")
	}
	return k, nil
}

// recertifyTime is how long a business can still send after a change of its beneficial owners.
const recertifyTime = 30 * 24 * time.Hour

// ownershipChanged makes a new certification necessary where there was one.
func (st *state) ownershipChanged(k *customer) {
	if k.ownership == certified {
		k.ownership, k.recertifyBy = recertify, st.now.Add(recertifyTime)
	}
}

// ownershipCertified reports whether the certification allows the business to send.
func (st *state) ownershipCertified(k *customer) bool {
	return k.ownership == "" || k.ownership == certified || k.ownership == recertify && st.now.Before(k.recertifyBy)
}

// verifyBeneficialOwner sets the state by the first name, as the sandbox does.
func (st *state) verifyBeneficialOwner(o *beneficialOwner, data jsonObject) {
	o.details = jsonObject{}
	for _, name := range []string{"firstName", "lastName", "address"} {
		if data.has(name) {
			o.details[name] = data[name]
		}
	}
	switch name := strings.ToLower(data.text("firstName")); {
	case name == document, name == incomplete && o.retried:
		o.status = document
		st.emit(o.event("verification_document_needed"))
	case name == incomplete:
		o.status = incomplete
		st.emit(o.event("reverification_needed"))
	default:
		o.status = verified
		st.emit(o.event("verified"))
	}
}

// beneficialOwner finds the beneficial owner of the path; a removed one is not found.
func (st *state) beneficialOwner(req *request) (*beneficialOwner, error) {
	return byID(st.beneficialOwnerByID, req, "Beneficial owner")
}

func (o *beneficialOwner) show(h hal) jsonObject {
	rels := links{"self": h.link(o.path())}
	switch o.status {
	case incomplete:
		rels["retry-verification"] = h.link(o.path())
	case document:
		rels["verify-with-document"] = h.link(o.path() + "/documents")
	}
	out := jsonObject{"_links": rels, "id": o.id, "verificationStatus": o.status, "created": stamp(o.created)}
	maps.Copy(out, o.details)
	return out
}

func (st *state) updateBeneficialOwner(req *request, in beneficialOwnerRequest) (result, error) {
	o, err := st.beneficialOwner(req)
	if err != nil {
		return result{}, err
	}
	if o.status != incomplete {
		return result{}, invalidState("Only an owner in the state incomplete can be verified again.")
	}
	if found := st.adult(jsonObject(in)); len(found) > 0 {
		return result{}, validationError(found...)
	}
	o.retried = true
	st.verifyBeneficialOwner(o, jsonObject(in))
	st.ownershipChanged(o.business)
	return ok(o.show(req.hal))
}

func (st *state) deleteBeneficialOwner(req *request) (result, error) {
	o, err := st.beneficialOwner(req)
	if err != nil {
		return result{}, err
	}
	delete(st.beneficialOwnerByID, o.id)
	o.business.beneficialOwners = slices.DeleteFunc(o.business.beneficialOwners, func(other *beneficialOwner) bool { return other == o })
	st.ownershipChanged(o.business)
	st.emit(o.event("removed"))
	return ok(o.show(req.hal))
}

func (st *state) getCustomerBeneficialOwnership(req *request) (result, error) {
	k, err := st.businessWithOwnership(req)
	if err != nil {
		return result{}, err
	}
	return ok(k.showOwnership(req))
}

func (k *customer) showOwnership(req *request) jsonObject {
	return jsonObject{"_links": links{"self": req.hal.link(req.path)}, "status": k.ownership}
}

// certifyCustomerBeneficialOwnership is refused while a beneficial owner is not verified. A business without any
// certifies that there are none.
func (st *state) certifyCustomerBeneficialOwnership(req *request, _ jsonObject) (result, error) {
	k, err := st.businessWithOwnership(req)
	if err != nil {
		return result{}, err
	}
	if slices.ContainsFunc(k.beneficialOwners, func(o *beneficialOwner) bool { return o.status != verified }) {
		return result{}, invalidState("All owners must be verified first.")
	}
	k.certify()
	return ok(k.showOwnership(req))
}

// certify marks the beneficial owners of a business as certified.
func (k *customer) certify() {
	if k.ownership != "" {
		k.ownership = certified
	}
}
