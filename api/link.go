package api

import (
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// Link is one HAL relation. T is the type of the resource that it leads to, so
// that following a Link[Customer] gives a Customer.
//
// Dwolla may leave out Type and ResourceType, and some of its links carry a
// wrong one: decide by the path of Href, never by ResourceType. An Href can
// lead to another host; the client sends credentials to its own origin only.
//
// HAL allows a relation to be a list of links. Such a Link is the first of
// them, and [Link.All] returns all.
type Link[T any] struct {
	// Href is the address, absolute in what Dwolla sends.
	Href string
	// Type is the media type of the target.
	Type string
	// ResourceType is Dwolla's name of the kind of target, such as "customer".
	ResourceType string
	// Extra holds every other member of the link.
	Extra Extra

	more *[]link // the links after the first; not nil where the relation is a list
}

// link is a Link without its type, which the codec does not depend on.
type link struct {
	Href         string
	Type         string
	ResourceType string
	Extra        Extra

	more *[]link
}

// LinkTo returns a link to href, as requests carry it.
func LinkTo[T any](href string) Link[T] {
	return Link[T]{Href: href}
}

// Retype returns l as a link to a U. It is for a relation that can lead to
// several kinds of resource, once [Link.Collection] has said which it is.
func Retype[U, T any](l Link[T]) Link[U] { return Link[U](l) }

// IsZero reports whether the link leads nowhere: it has no Href.
func (l Link[T]) IsZero() bool { return l.Href == "" }

// String is the path of Href, see [Link.LogValue]; read the field for the whole.
func (l Link[T]) String() string { return shownPath(l.Href) }

// Format writes String, whatever the verb.
func (l Link[T]) Format(s fmt.State, _ rune) { write(s, shownPath(l.Href)) }

// LogValue logs the path of an address at Dwolla, without its query. Any other
// address is hidden: a link to a session at a third party is as good as a
// password.
func (l Link[T]) LogValue() slog.Value { return slog.StringValue(shownPath(l.Href)) }

// ID returns the last segment of the path of Href, escaped as it is there: for
// a link to one resource this is the id of the resource. It is empty where the
// path is empty, ends in a slash, or Href is no URL.
func (l Link[T]) ID() string {
	_, id := segments(l.Href)
	return id
}

// Collection returns the segment of the path of Href before the one that
// [Link.ID] returns, such as "customers". It is empty where there is none.
func (l Link[T]) Collection() string {
	parent, _ := segments(l.Href)
	return parent[strings.LastIndexByte(parent, '/')+1:]
}

// All returns every link of the relation: more than one where Dwolla wrote a
// list, none where the relation is empty.
func (l Link[T]) All() []Link[T] {
	links := link(l).all()
	if len(links) == 0 {
		return nil
	}
	all := make([]Link[T], len(links))
	for i, one := range links {
		all[i] = Link[T](one)
	}
	return all
}

// Equal reports whether both say the same, so that package cmp can compare
// links and what has some.
func (l Link[T]) Equal(other Link[T]) bool {
	return slices.EqualFunc(link(l).all(), link(other).all(), func(a, b link) bool {
		return a.Href == b.Href && a.Type == b.Type && a.ResourceType == b.ResourceType && a.Extra.equal(b.Extra)
	}) && (l.more == nil) == (other.more == nil)
}

// DecodeWire reads a link object, a list of them, or null for no link.
func (l *Link[T]) DecodeWire(d *wire.Decoder) { (*link)(l).decode(d) }

// EncodeWire writes the link as it came: an object, or a list of them. A link
// without members is an empty object.
func (l *Link[T]) EncodeWire(e *wire.Encoder) { (*link)(l).encode(e) }

// MarshalJSON implements [encoding/json.Marshaler].
func (l Link[T]) MarshalJSON() ([]byte, error) { return wire.Marshal(&l) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (l *Link[T]) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, l) }

// GobEncode implements [encoding/gob.GobEncoder].
func (l Link[T]) GobEncode() ([]byte, error) { return wire.Marshal(&l) }

// GobDecode implements [encoding/gob.GobDecoder].
func (l *Link[T]) GobDecode(data []byte) error { return wire.UnmarshalJSON(data, l) }

// shownPath returns what may be printed and logged of an address.
func shownPath(href string) string {
	u, err := url.Parse(href)
	if err != nil || u.Host != "" && !strings.HasSuffix(u.Host, ".dwolla.com") {
		return "[redacted]"
	}
	return u.EscapedPath()
}

// segments splits the path of an address at its last slash.
func segments(href string) (parent, last string) {
	u, err := url.Parse(href)
	if err != nil {
		return "", ""
	}
	path := u.EscapedPath()
	slash := strings.LastIndexByte(path, '/')
	return path[:max(slash, 0)], path[slash+1:]
}

func (l link) all() []link {
	if l.isEmpty() && (l.more == nil || len(*l.more) == 0) {
		return nil
	}
	first := l
	first.more = nil
	all := []link{first}
	if l.more != nil {
		all = append(all, *l.more...)
	}
	return all
}

func (l *link) isEmpty() bool {
	return l.Href == "" && l.Type == "" && l.ResourceType == "" && len(l.Extra) == 0
}

func (l *link) decode(d *wire.Decoder) {
	*l = link{}
	if d.Kind() != '[' {
		l.decodeObject(d)
		return
	}
	d.BeginArray()
	more := []link{}
	for n := 0; d.NextElement(); n++ {
		d.Bound(n)
		var next link
		next.decodeObject(d)
		if n == 0 {
			*l = next
		} else if more = wire.Grow(d, more); len(more) < cap(more) {
			more = append(more, next)
		}
	}
	l.more = &more
}

func (l *link) decodeObject(d *wire.Decoder) {
	if !d.BeginObject() {
		return
	}
	var seen [1]uint64
	for d.NextMember() {
		switch string(d.Key()) {
		case "href":
			d.Once(&seen[0], 0)
			l.Href = d.String()
		case "type":
			d.Once(&seen[0], 1)
			l.Type = d.Interned()
		case "resource-type":
			d.Once(&seen[0], 2)
			l.ResourceType = d.Interned()
		default:
			d.Member((*wire.Members)(&l.Extra))
		}
	}
}

func (l *link) encode(e *wire.Encoder) {
	if l.more == nil {
		l.encodeObject(e)
		return
	}
	e.BeginArray()
	for _, next := range l.all() {
		e.Element()
		next.encodeObject(e)
	}
	e.EndArray()
}

func (l *link) encodeObject(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	if l.Href != "" {
		e.Key(`"href":`)
		e.String(l.Href)
	}
	if l.Type != "" {
		e.Key(`"type":`)
		e.String(l.Type)
	}
	if l.ResourceType != "" {
		e.Key(`"resource-type":`)
		e.String(l.ResourceType)
	}
	e.Members(start, wire.Members(l.Extra))
	e.EndObject()
}
