package api

import (
	"bytes"
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/dwolla-go/dwolla-go/internal/redact"
	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// ErrorBody is the JSON of a Dwolla error, and of an OAuth error of the token
// endpoint (RFC 6749 section 5.2). A member of an unexpected type does not make
// decoding fail; it is kept in Extra.
type ErrorBody struct {
	Code     string // see Code for how to compare it
	Message  string // for people; may name a person and values of the request: not to be logged
	Links    ErrorLinks
	Embedded ErrorEmbedded

	OAuthError       string // error
	OAuthDescription string // error_description

	// Extra holds every other member.
	Extra Extra
}

// ErrorLinks are the relations of an error.
type ErrorLinks struct {
	// About leads to what the error is about: of DuplicateResource, to the
	// resource that exists.
	About Link[Object]
	// Extra holds every other relation.
	Extra Extra
}

// ErrorEmbedded is what is embedded in an error.
type ErrorEmbedded struct {
	// Errors are the errors of single fields; of more than 10,000, the first.
	Errors []FieldError
	// Extra holds every other member.
	Extra Extra

	single bool // errors was one object, not a list
}

// FieldError describes what is wrong with one field of a request, or with one
// resource.
type FieldError struct {
	Code    string // see Code for how to compare it
	Message string // for people; may name values of the request: not to be logged
	Path    string // JSON pointer into the request (RFC 6901); may be empty
	Links   Links
	// Extra holds every other member.
	Extra Extra
}

// ParseErrorBody decodes data leniently. It reports false where data is not one
// JSON object or has no member of an error.
func ParseErrorBody(data []byte) (ErrorBody, bool) {
	if !utf8.Valid(data) { // a message in another charset must not hide the code
		data = bytes.ToValidUTF8(data, []byte("\uFFFD"))
	}
	var b ErrorBody
	if err := wire.Unmarshal(data, &b); err != nil {
		return ErrorBody{}, false
	}
	known := b.Code != "" || b.Message != "" || b.OAuthError != "" || !b.Embedded.IsZero()
	return b, known
}

// maxNesting bounds the depth at which FieldErrors looks for nested errors, and
// maxFieldErrors their number, so that no body makes it slow or large.
const (
	maxNesting     = 8
	maxFieldErrors = 10_000
)

// FieldErrors returns every field error of the body: those of
// Embedded.Errors, each followed by the ones that Dwolla nested in it, up to
// 10,000.
func (b ErrorBody) FieldErrors() []FieldError { return b.Embedded.collect(nil, maxNesting) }

func (m ErrorEmbedded) collect(found []FieldError, depth int) []FieldError {
	for _, field := range m.Errors {
		if len(found) >= maxFieldErrors {
			return found
		}
		found = append(found, field)
		found = collectNested(field.Extra, found, depth)
	}
	if own := m.own(); own.Code != "" || own.Message != "" {
		found = append(found, own)
	}
	return collectNested(m.Extra, found, depth)
}

// own returns the error that is directly under _embedded, as some published
// schemas have it in place of the list.
func (m ErrorEmbedded) own() FieldError {
	var own FieldError
	own.fill(wire.NewDecoder(nil), maps.Clone(m.Extra))
	return own
}

func collectNested(extra Extra, found []FieldError, depth int) []FieldError {
	raw, ok := extra["_embedded"]
	if !ok || depth == 0 {
		return found
	}
	var nested ErrorEmbedded
	if wire.UnmarshalJSON(raw, &nested) != nil {
		return found
	}
	return nested.collect(found, depth-1)
}

// String returns the code. Messages may hold personal data.
func (b ErrorBody) String() string {
	return redact.String("ErrorBody", redact.Word(cmp.Or(b.Code, b.OAuthError)))
}

// Format writes String, whatever the verb.
func (b ErrorBody) Format(s fmt.State, _ rune) { write(s, b.String()) }

// LogValue logs the code and the number of field errors; messages may hold
// personal data.
func (b ErrorBody) LogValue() slog.Value {
	code := redact.Word(cmp.Or(b.Code, b.OAuthError))
	return slog.GroupValue(slog.String("code", code), slog.Int("fields", len(b.Embedded.Errors)))
}

// String returns the code and the path, such as "Required at /firstName". The
// message may hold personal data.
func (f FieldError) String() string {
	if f.Path == "" {
		return redact.Word(f.Code)
	}
	return redact.Word(f.Code) + " at " + redact.Word(f.Path)
}

// Format writes String, whatever the verb.
func (f FieldError) Format(s fmt.State, _ rune) { write(s, f.String()) }

// LogValue logs the code and the path; the message may hold personal data.
func (f FieldError) LogValue() slog.Value {
	return slog.GroupValue(slog.String("code", redact.Word(f.Code)), slog.String("path", redact.Word(f.Path)))
}

// IsZero reports whether the error body has no members.
func (b ErrorBody) IsZero() bool {
	return b.Code == "" && b.Message == "" && b.Links.IsZero() && b.Embedded.IsZero() &&
		b.OAuthError == "" && b.OAuthDescription == "" && len(b.Extra) == 0
}

// IsZero reports whether there is no relation.
func (l ErrorLinks) IsZero() bool { return (*link)(&l.About).isEmpty() && len(l.Extra) == 0 }

// IsZero reports whether nothing is embedded.
func (m ErrorEmbedded) IsZero() bool { return len(m.Errors) == 0 && len(m.Extra) == 0 }

// DecodeWire reads an object; null gives the zero ErrorBody.
func (b *ErrorBody) DecodeWire(d *wire.Decoder) {
	rest := looseMembers(d)
	*b = ErrorBody{
		Code:             takeText(d, rest, "code"),
		Message:          takeText(d, rest, "message"),
		Links:            take[ErrorLinks](d, rest, "_links"),
		Embedded:         take[ErrorEmbedded](d, rest, "_embedded"),
		OAuthError:       takeText(d, rest, "error"),
		OAuthDescription: takeText(d, rest, "error_description"),
		Extra:            kept(d, rest),
	}
}

// EncodeWire writes an object.
func (b *ErrorBody) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	putText(e, `"code":`, b.Code)
	putText(e, `"message":`, b.Message)
	if !b.Links.IsZero() {
		e.Key(`"_links":`)
		b.Links.EncodeWire(e)
	}
	if !b.Embedded.IsZero() {
		e.Key(`"_embedded":`)
		b.Embedded.EncodeWire(e)
	}
	putText(e, `"error":`, b.OAuthError)
	putText(e, `"error_description":`, b.OAuthDescription)
	e.Members(start, wire.Members(b.Extra))
	e.EndObject()
}

// DecodeWire reads an object of links; null gives the zero ErrorLinks.
func (l *ErrorLinks) DecodeWire(d *wire.Decoder) {
	rest := looseMembers(d)
	*l = ErrorLinks{About: take[Link[Object]](d, rest, "about"), Extra: kept(d, rest)}
}

// EncodeWire writes an object of links.
func (l *ErrorLinks) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	if !(*link)(&l.About).isEmpty() {
		e.Key(`"about":`)
		l.About.EncodeWire(e)
	}
	e.Members(start, wire.Members(l.Extra))
	e.EndObject()
}

// DecodeWire reads an object; null gives the zero ErrorEmbedded. One object in
// place of the list of errors is a list of one.
func (m *ErrorEmbedded) DecodeWire(d *wire.Decoder) {
	rest := looseMembers(d)
	errs := take[fieldErrors](d, rest, "errors")
	*m = ErrorEmbedded{Errors: errs.list, single: errs.single, Extra: kept(d, rest)}
}

// EncodeWire writes an object.
func (m *ErrorEmbedded) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	if len(m.Errors) != 0 {
		e.Key(`"errors":`)
		m.encodeErrors(e)
	}
	e.Members(start, wire.Members(m.Extra))
	e.EndObject()
}

func (m *ErrorEmbedded) encodeErrors(e *wire.Encoder) {
	if m.single && len(m.Errors) == 1 {
		m.Errors[0].EncodeWire(e)
		return
	}
	e.BeginArray()
	for i := range m.Errors {
		e.Element()
		m.Errors[i].EncodeWire(e)
	}
	e.EndArray()
}

// fieldErrors is the member errors of what is embedded.
type fieldErrors struct {
	list   []FieldError
	single bool
}

// DecodeWire reads a list of objects, or one object.
func (f *fieldErrors) DecodeWire(d *wire.Decoder) {
	*f = fieldErrors{single: d.Kind() == '{'}
	if f.single {
		f.list = make([]FieldError, 1)
		f.list[0].DecodeWire(d)
		return
	}
	if !d.BeginArray() {
		return
	}
	for n := 0; d.NextElement(); n++ {
		if n >= maxFieldErrors {
			d.Skip()
			continue
		}
		if f.list = wire.Grow(d, f.list); n == cap(f.list) {
			return
		}
		f.list = append(f.list, FieldError{})
		f.list[n].DecodeWire(d)
	}
}

// DecodeWire reads an object; null gives the zero FieldError.
func (f *FieldError) DecodeWire(d *wire.Decoder) { f.fill(d, looseMembers(d)) }

// fill takes what the field error knows out of rest, and keeps the rest.
func (f *FieldError) fill(d *wire.Decoder, rest Extra) {
	*f = FieldError{
		Code:    takeText(d, rest, "code"),
		Message: takeText(d, rest, "message"),
		Path:    takeText(d, rest, "path"),
		Links:   take[Links](d, rest, "_links"),
		Extra:   kept(d, rest),
	}
}

// EncodeWire writes an object.
func (f *FieldError) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	putText(e, `"code":`, f.Code)
	putText(e, `"message":`, f.Message)
	putText(e, `"path":`, f.Path)
	if len(f.Links) != 0 {
		e.Key(`"_links":`)
		f.Links.EncodeWire(e)
	}
	e.Members(start, wire.Members(f.Extra))
	e.EndObject()
}

// MarshalJSON implements [encoding/json.Marshaler].
func (b ErrorBody) MarshalJSON() ([]byte, error) { return wire.Marshal(&b) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (b *ErrorBody) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, b) }

// MarshalJSON implements [encoding/json.Marshaler].
func (l ErrorLinks) MarshalJSON() ([]byte, error) { return wire.Marshal(&l) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (l *ErrorLinks) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, l) }

// MarshalJSON implements [encoding/json.Marshaler].
func (m ErrorEmbedded) MarshalJSON() ([]byte, error) { return wire.Marshal(&m) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (m *ErrorEmbedded) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, m) }

// Equal reports whether both say the same, so that package cmp can compare
// error bodies.
func (m ErrorEmbedded) Equal(other ErrorEmbedded) bool {
	return m.single == other.single && m.Extra.equal(other.Extra) && slices.EqualFunc(m.Errors, other.Errors, FieldError.equal)
}

func (f FieldError) equal(other FieldError) bool {
	return f.Code == other.Code && f.Message == other.Message && f.Path == other.Path &&
		maps.EqualFunc(f.Links, other.Links, Link[Object].Equal) && f.Extra.equal(other.Extra)
}

// GobEncode implements [encoding/gob.GobEncoder].
func (m ErrorEmbedded) GobEncode() ([]byte, error) { return wire.Marshal(&m) }

// GobDecode implements [encoding/gob.GobDecoder].
func (m *ErrorEmbedded) GobDecode(data []byte) error { return wire.UnmarshalJSON(data, m) }

// MarshalJSON implements [encoding/json.Marshaler].
func (f FieldError) MarshalJSON() ([]byte, error) { return wire.Marshal(&f) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (f *FieldError) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, f) }

// looseMembers reads the members of an object as they are, without copies: what
// is kept of them is to be copied. Of duplicates the last stands, as in
// encoding/json.
func looseMembers(d *wire.Decoder) Extra {
	var members Extra
	if !d.BeginObject() {
		return nil
	}
	for d.NextMember() {
		name := string(d.Key())
		raw := d.View()
		if !d.Entry(len(members), sizeOfMember+len(name)) {
			break
		}
		if members == nil {
			members = Extra{}
		}
		members[name] = raw
	}
	return members
}

// sizeOfMember is what an entry of Extra takes, in bytes.
const sizeOfMember = 40

// take decodes a member and removes it, or leaves it alone where it is of
// another shape.
func take[T any, P interface {
	*T
	wire.Unmarshaler
}](d *wire.Decoder, rest Extra, name string) T {
	var v, zero T
	raw, ok := rest[name]
	if !ok || d.Part(raw, P(&v)) != nil {
		return zero
	}
	delete(rest, name)
	return v
}

// takeText is take for a string. A null is removed too.
func takeText(d *wire.Decoder, rest Extra, name string) string {
	return string(take[text](d, rest, name))
}

type text string

// DecodeWire reads a string; null is empty.
func (t *text) DecodeWire(d *wire.Decoder) { *t = text(d.String()) }

func putText(e *wire.Encoder, key, text string) {
	if text != "" {
		e.Key(key)
		e.String(text)
	}
}

// kept copies what is left of the members.
func kept(d *wire.Decoder, rest Extra) Extra {
	if len(rest) == 0 {
		return nil
	}
	for name, raw := range rest {
		rest[name] = d.Copy(raw)
	}
	return rest
}
