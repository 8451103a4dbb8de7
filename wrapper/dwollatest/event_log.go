package dwollatest

import (
	"sort"
	"time"
)

// retention is how long events and webhooks can be read.
const retention = 30 * 24 * time.Hour

// An event is something that happened.
type event struct {
	id          string
	created     time.Time
	topic       string
	resource    string // path
	resourceID  string
	customer    *customer
	correlation string
}

// event is an event of the Customer itself.
func (k *customer) event(what string) event {
	return event{topic: "customer_" + what, resource: k.path(), resourceID: k.id, customer: k}
}

// event is an event of something that belongs to the party.
func (p *party) event(what, resource, id string) event {
	return event{topic: p.topic(what), resource: resource, resourceID: id, customer: p.customer}
}

// emit records an event and sends it to every subscription.
func (st *state) emit(e event) {
	e.id, e.created = st.ids.uuid(), st.now
	st.events.add(&e)
	st.eventByID[e.id] = &e
	st.notify(&e)
}

// recentEvents are those that can still be read.
func (st *state) recentEvents() []*event {
	all, cutoff := st.events.all, st.now.Add(-retention)
	first := sort.Search(len(all), func(i int) bool { return !all[i].created.Before(cutoff) })
	return all[first:]
}

func (st *state) listEvents(req *request) (result, error) {
	return ok(page(req, "events", st.recentEvents(), newestFirst))
}

// event finds the event of the path, unless it is too old.
func (st *state) event(req *request) (*event, error) {
	e, err := byID(st.eventByID, req, "Event")
	if err == nil && e.created.Before(st.now.Add(-retention)) {
		return nil, notFound("Event")
	}
	return e, err
}

func (e *event) show(h hal) jsonObject {
	rels := links{
		"self":     h.link("/events/" + e.id),
		"resource": h.link(e.resource),
		"account":  h.link(h.state.account.path()),
	}
	if e.customer != nil {
		rels["customer"] = h.link(e.customer.path())
	}
	out := jsonObject{
		"_links":     rels,
		"id":         e.id,
		"created":    stamp(e.created),
		"topic":      e.topic,
		"resourceId": e.resourceID,
	}
	if e.correlation != "" {
		out["correlationId"] = e.correlation
	}
	return out
}
