package api

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// Link is one HAL relation. T is the type of what it leads to, so that
// following a Link[Customer] gives a Customer; it takes no space.
//
// Dwolla may leave out Type and ResourceType, and some of its links carry a
// wrong one: decide by the path of Href, never by ResourceType. An Href can
// lead to another host; the client sends credentials to its own origin only.
//
// HAL allows a relation to be a list of links. Such a Link is the first of
// them, and [Link.All] gives every one.
type Link[T any] = Relation[*T]

// Relation is what a [Link] is. P is a pointer to the type of what it leads to:
// the compiler makes the methods of all pointers once, where every other type
// would cost those who import the client a copy.
type Relation[P any] struct {
	// Href is the address, absolute in what Dwolla sends.
	Href string
	// Type is the media type of the target.
	Type string
	// ResourceType is Dwolla's name of the kind of target, such as "customer".
	ResourceType string
	// Extra holds every other member of the link.
	Extra Extra

	more *[]AnyLink // the links after the first; not nil where the relation is a list
}

// AnyLink is a link whatever it leads to. It is for the codec, which reads and
// writes a link of any type as this one.
type AnyLink struct {
	Href         string
	Type         string
	ResourceType string
	Extra        Extra

	more *[]AnyLink
}

// LinkTo returns a link to href, as requests carry it.
func LinkTo[T any](href string) Link[T] {
	return Link[T]{Href: href}
}

// Retype returns l as a link to a U. It is for a relation that can lead to
// several kinds of resource, once [Relation.Collection] has said which it is.
func Retype[U, T any](l Link[T]) Link[U] { return Link[U](l) }

// IsZero reports whether the link leads nowhere: it has no Href.
func (l Relation[P]) IsZero() bool { return l.Href == "" }

// String is the path of Href, see [Relation.LogValue]; read the field for the whole.
func (l Relation[P]) String() string { return shownPath(l.Href) }

// Format writes String, whatever the verb.
func (l Relation[P]) Format(s fmt.State, _ rune) { write(s, shownPath(l.Href)) }

// LogValue logs the path of an address at Dwolla, without its query. Any other
// address is hidden: a link to a session at a third party is as good as a
// password.
func (l Relation[P]) LogValue() slog.Value { return slog.StringValue(shownPath(l.Href)) }

// ID returns the last segment of the path of Href, escaped as it is there: for
// a link to one resource this is the id of the resource. It is empty where the
// path is empty, ends in a slash, or Href is no URL.
func (l Relation[P]) ID() string {
	_, id := segments(l.Href)
	return id
}

// Collection returns the segment of the path of Href before the one that
// [Relation.ID] returns, such as "customers". It is empty where there is none.
func (l Relation[P]) Collection() string {
	parent, _ := segments(l.Href)
	return parent[strings.LastIndexByte(parent, '/')+1:]
}

// All returns every link of the relation: more than one where Dwolla wrote a
// list, none where the relation is empty.
func (l Relation[P]) All() []Relation[P] {
	var all []Relation[P]
	for _, link := range AnyLink(l).all() {
		all = append(all, Relation[P](link))
	}
	return all
}

// MarshalJSON implements [encoding/json.Marshaler].
func (l Relation[P]) MarshalJSON() ([]byte, error) { return wire.Marshal((*AnyLink)(&l)) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (l *Relation[P]) UnmarshalJSON(data []byte) error {
	return wire.UnmarshalJSON(data, (*AnyLink)(l))
}

// shownPath is what texts and logs may show of an address.
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

func (l AnyLink) all() []AnyLink {
	if l.isEmpty() && (l.more == nil || len(*l.more) == 0) {
		return nil
	}
	first := l
	first.more = nil
	all := []AnyLink{first}
	if l.more != nil {
		all = append(all, *l.more...)
	}
	return all
}

func (l *AnyLink) isEmpty() bool {
	return l.Href == "" && l.Type == "" && l.ResourceType == "" && len(l.Extra) == 0
}

// DecodeWire reads a link object, a list of them, or null for no link.
func (l *AnyLink) DecodeWire(d *wire.Decoder) {
	*l = AnyLink{}
	if d.Kind() != '[' {
		l.decodeObject(d)
		return
	}
	d.BeginArray()
	more := []AnyLink{}
	for first := true; d.NextElement(); first = false {
		if first {
			l.decodeObject(d)
			continue
		}
		var next AnyLink
		next.decodeObject(d)
		more = append(more, next)
	}
	l.more = &more
}

func (l *AnyLink) decodeObject(d *wire.Decoder) {
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
			l.Type = d.Name()
		case "resource-type":
			d.Once(&seen[0], 2)
			l.ResourceType = d.Name()
		default:
			d.Member((*wire.Members)(&l.Extra))
		}
	}
}

// EncodeWire writes the link as it came: an object, or a list of them. A link
// without members is an empty object.
func (l *AnyLink) EncodeWire(e *wire.Encoder) {
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

func (l *AnyLink) encodeObject(e *wire.Encoder) {
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
