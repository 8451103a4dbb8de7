package dwollatest

import (
	"sort"
	"time"
)

// retention is how long events and webhooks can be read.
const retention = 30 * 24 * time.Hour

// event is something that happened.
type event struct {
	id          string
	created     time.Time
	topic       string
	resource    string // path
	resourceID  string
	customer    *customer
	correlation string
}

// news is an event to be raised.
type news struct {
	topic       string
	resource    string
	id          string
	customer    *customer
	correlation string
}

// about is news of the Customer itself.
func (k *customer) about(what string) news {
	return news{topic: "customer_" + what, resource: k.path(), id: k.id, customer: k}
}

// about is news of something that belongs to the owner.
func (o *owner) about(what, resource, id string) news {
	return news{topic: o.topic(what), resource: resource, id: id, customer: o.customer}
}

// raise records an event and sends it to every subscription.
func (w *world) raise(n news) {
	e := &event{
		id:          w.ids.uuid(),
		created:     w.now,
		topic:       n.topic,
		resource:    n.resource,
		resourceID:  n.id,
		customer:    n.customer,
		correlation: n.correlation,
	}
	w.events.add(e)
	w.eventByID[e.id] = e
	w.notify(e)
}

// recentEvents are those that can still be read.
func (w *world) recentEvents() []*event {
	all, cutoff := w.events.all, w.now.Add(-retention)
	first := sort.Search(len(all), func(i int) bool { return !all[i].created.Before(cutoff) })
	return all[first:]
}

func (w *world) listEvents(c *call) (reply, error) {
	return ok(page(c, "events", w.recentEvents(), newestFirst, func(e *event) object { return w.showEvent(c.hal, e) }))
}

func (w *world) getEvent(c *call) (reply, error) {
	e := w.eventByID[c.id]
	if e == nil || e.created.Before(w.now.Add(-retention)) {
		return reply{}, notFound("Event")
	}
	return ok(w.showEvent(c.hal, e))
}

func (w *world) showEvent(h hal, e *event) object {
	rels := links{
		"self":     h.link("/events/" + e.id),
		"resource": h.link(e.resource),
		"account":  h.link(w.account.path()),
	}
	if e.customer != nil {
		rels["customer"] = h.link(e.customer.path())
	}
	out := object{
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
