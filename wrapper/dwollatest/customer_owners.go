package dwollatest

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// The states of the certification of a business' owners, and of an owner.
const (
	uncertified = "uncertified"
	certified   = "certified"
	recertify   = "recertify"

	incomplete = "incomplete"
)

// beneficialOwner is a person who owns a quarter of a business or more.
type beneficialOwner struct {
	id       string
	business *customer
	details  form
	status   string
	created  time.Time
	retried  bool
	uploads  []*uploaded
}

func (o *beneficialOwner) path() string { return "/beneficial-owners/" + o.id }

func (o *beneficialOwner) about(what string) news {
	return o.business.owner.about("beneficial_owner_"+what, o.path(), o.id)
}

// ownerRequest is the body that creates an owner, or tries the verification again.
type ownerRequest form

func (r ownerRequest) problems() []problem { return personProblems("", form(r)) }

func (w *world) createCustomerBeneficialOwner(c *call, in ownerRequest) (reply, error) {
	k, err := w.businessWithOwners(c)
	if err != nil {
		return reply{}, err
	}
	if found := w.adult(form(in)); len(found) > 0 {
		return reply{}, validationError(found...)
	}
	o := &beneficialOwner{id: w.ids.uuid(), business: k, created: w.now}
	k.owners = append(k.owners, o)
	w.ownersByID[o.id] = o
	w.raise(o.about("created"))
	w.verifyOwner(o, form(in))
	w.ownersChanged(k)
	return created(o.path())
}

// businessWithOwners finds the Customer of the path, which must be a business that has owners to certify.
func (w *world) businessWithOwners(c *call) (*customer, error) {
	k, err := w.customer(c)
	if err != nil {
		return nil, err
	}
	if k.kind != business || k.ownership == "" {
		return nil, forbidden("The Customer has no beneficial owners.")
	}
	return k, nil
}

// recertifyTime is how long a business may go on sending after a change of its owners.
const recertifyTime = 30 * 24 * time.Hour

// ownersChanged asks for a new certification when there was one.
func (w *world) ownersChanged(k *customer) {
	if k.ownership == certified {
		k.ownership, k.recertifyBy = recertify, w.now.Add(recertifyTime)
	}
}

// ownersCertified reports whether the ownership stands in the way of sending.
func (w *world) ownersCertified(k *customer) bool {
	return k.ownership == "" || k.ownership == certified || k.ownership == recertify && w.now.Before(k.recertifyBy)
}

// verifyOwner decides by the magic first name.
func (w *world) verifyOwner(o *beneficialOwner, data form) {
	o.details = form{}
	for _, name := range []string{"firstName", "lastName", "address"} {
		if data.has(name) {
			o.details[name] = data[name]
		}
	}
	switch name := strings.ToLower(data.text("firstName")); {
	case name == document, name == incomplete && o.retried:
		o.status = document
		w.raise(o.about("verification_document_needed"))
	case name == incomplete:
		o.status = incomplete
		w.raise(o.about("reverification_needed"))
	default:
		o.status = verified
		w.raise(o.about("verified"))
	}
}

func (w *world) listCustomerBeneficialOwners(c *call) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	return ok(collection(c, "beneficial-owners", k.owners, func(o *beneficialOwner) object { return o.show(c.hal) }))
}

func (w *world) getBeneficialOwner(c *call) (reply, error) {
	o, err := w.beneficialOwner(c)
	if err != nil {
		return reply{}, err
	}
	return ok(o.show(c.hal))
}

// beneficialOwner finds the owner of the path; a removed one is not found.
func (w *world) beneficialOwner(c *call) (*beneficialOwner, error) {
	if o := w.ownersByID[c.id]; o != nil {
		return o, nil
	}
	return nil, notFound("Beneficial owner")
}

func (o *beneficialOwner) show(h hal) object {
	rels := links{"self": h.link(o.path())}
	switch o.status {
	case incomplete:
		rels["retry-verification"] = h.link(o.path())
	case document:
		rels["verify-with-document"] = h.link(o.path() + "/documents")
	}
	out := object{"_links": rels, "id": o.id, "verificationStatus": o.status, "created": stamp(o.created)}
	maps.Copy(out, o.details)
	return out
}

func (w *world) updateBeneficialOwner(c *call, in ownerRequest) (reply, error) {
	o, err := w.beneficialOwner(c)
	if err != nil {
		return reply{}, err
	}
	if o.status != incomplete {
		return reply{}, invalidState("Only an owner in the state incomplete can be verified again.")
	}
	if found := w.adult(form(in)); len(found) > 0 {
		return reply{}, validationError(found...)
	}
	o.retried = true
	w.verifyOwner(o, form(in))
	w.ownersChanged(o.business)
	return ok(o.show(c.hal))
}

func (w *world) deleteBeneficialOwner(c *call) (reply, error) {
	o, err := w.beneficialOwner(c)
	if err != nil {
		return reply{}, err
	}
	delete(w.ownersByID, o.id)
	o.business.owners = slices.DeleteFunc(o.business.owners, func(other *beneficialOwner) bool { return other == o })
	w.ownersChanged(o.business)
	w.raise(o.about("removed"))
	return ok(o.show(c.hal))
}

func (w *world) getCustomerBeneficialOwnership(c *call) (reply, error) {
	k, err := w.businessWithOwners(c)
	if err != nil {
		return reply{}, err
	}
	return ok(k.showOwnership(c))
}

func (k *customer) showOwnership(c *call) object {
	return object{"_links": links{"self": c.hal.link(c.path)}, "status": k.ownership}
}

// certifyRequest is the body of certifyCustomerBeneficialOwnership.
type certifyRequest struct {
	Status string `json:"status"`
}

// certifyCustomerBeneficialOwnership is refused while an owner is not verified. A business without owners of a
// quarter or more certifies that there are none.
func (w *world) certifyCustomerBeneficialOwnership(c *call, _ certifyRequest) (reply, error) {
	k, err := w.businessWithOwners(c)
	if err != nil {
		return reply{}, err
	}
	if slices.ContainsFunc(k.owners, func(o *beneficialOwner) bool { return o.status != verified }) {
		return reply{}, invalidState("All owners must be verified first.")
	}
	k.certify()
	return ok(k.showOwnership(c))
}

// certify marks the owners of a business as certified.
func (k *customer) certify() {
	if k.ownership != "" {
		k.ownership = certified
	}
}
