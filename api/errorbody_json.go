package api

import "github.com/dwolla-go/dwolla-go/internal/wire"

// DecodeWire reads an object; null gives the zero ErrorBody.
func (b *ErrorBody) DecodeWire(d *wire.Decoder) {
	rest := looseMembers(d)
	*b = ErrorBody{
		Code:             takeText(rest, "code"),
		Message:          takeText(rest, "message"),
		Links:            take[ErrorLinks](rest, "_links"),
		Embedded:         take[ErrorEmbedded](rest, "_embedded"),
		OAuthError:       takeText(rest, "error"),
		OAuthDescription: takeText(rest, "error_description"),
		Extra:            orNil(rest),
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
	*l = ErrorLinks{About: take[Link[Object]](rest, "about"), Extra: orNil(rest)}
}

// EncodeWire writes an object of links.
func (l *ErrorLinks) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	if !l.About.isEmpty() {
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
	errs := take[fieldErrors](rest, "errors")
	*m = ErrorEmbedded{Errors: errs.list, single: errs.single, Extra: orNil(rest)}
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
	for d.NextElement() {
		var field FieldError
		field.DecodeWire(d)
		f.list = append(f.list, field)
	}
}

// DecodeWire reads an object; null gives the zero FieldError.
func (f *FieldError) DecodeWire(d *wire.Decoder) { f.fill(looseMembers(d)) }

// fill takes what the field error knows out of rest, and keeps the rest.
func (f *FieldError) fill(rest Extra) {
	*f = FieldError{
		Code:    takeText(rest, "code"),
		Message: takeText(rest, "message"),
		Path:    takeText(rest, "path"),
		Links:   take[Links](rest, "_links"),
		Extra:   orNil(rest),
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

// MarshalJSON implements [encoding/json.Marshaler].
func (f FieldError) MarshalJSON() ([]byte, error) { return wire.Marshal(&f) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (f *FieldError) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, f) }

// looseMembers reads the members of an object as they are. Of duplicates the
// last stands, as in encoding/json.
func looseMembers(d *wire.Decoder) Extra {
	members := Extra{}
	if !d.BeginObject() {
		return members
	}
	for d.NextMember() {
		name := string(d.Key())
		members[name] = d.Raw()
	}
	return members
}

// take decodes a member and removes it, or leaves it alone where it is of
// another shape.
func take[T any, P interface {
	*T
	wire.Unmarshaler
}](rest Extra, name string) T {
	var v, zero T
	raw, ok := rest[name]
	if !ok || wire.UnmarshalJSON(raw, P(&v)) != nil {
		return zero
	}
	delete(rest, name)
	return v
}

// takeText is take for a string. A null is removed too: it says nothing.
func takeText(rest Extra, name string) string {
	raw, ok := rest[name]
	if !ok {
		return ""
	}
	d := wire.NewDecoder(raw)
	text := d.String()
	if d.Err() != nil {
		return ""
	}
	delete(rest, name)
	return text
}

func putText(e *wire.Encoder, key, text string) {
	if text != "" {
		e.Key(key)
		e.String(text)
	}
}

func orNil(e Extra) Extra {
	if len(e) == 0 {
		return nil
	}
	return e
}
