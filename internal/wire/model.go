package wire

import (
	"encoding/json"
	"errors"
)

// Value reads the next value into v: a Model, an Unmarshaler, or a pointer as encoding/json takes it.
func (d *Decoder) Value(v any) {
	switch v := v.(type) {
	case Model:
		d.model(v)
	case Unmarshaler:
		v.DecodeWire(d)
	default:
		d.Any(v)
	}
}

func (d *Decoder) model(m Model) {
	if !d.BeginObject() {
		return
	}
	fields := m.Wire(0).(*Table).Fields
	var seen [MaxFields / 64]uint64
	for next := 0; d.NextMember(); next++ {
		if next = find(fields, d.key, next); next < 0 {
			d.Member(m.Wire(len(fields) + 1).(*Members))
			continue
		}
		d.Once(&seen[next/64], uint(next%64))
		if f := &fields[next]; f.Kind == Const {
			d.Skip()
		} else {
			d.Place(m.Wire(next+1), f.Kind, f.Elem)
		}
	}
}

// find returns the field of that name, or -1. Members mostly come in the same order, so it looks at next first.
func find(fields []Field, name []byte, next int) int {
	for i := next; i < len(fields); i++ {
		if fields[i].is(name) {
			return i
		}
	}
	for i := range min(next, len(fields)) {
		if fields[i].is(name) {
			return i
		}
	}
	return -1
}

// is reports whether the field has that name.
func (f *Field) is(name []byte) bool {
	return len(f.Key) == len(name)+len(`"":`) && f.Key[1:1+len(name)] == string(name)
}

// Place reads the next value into a place of that kind.
func (d *Decoder) Place(at any, kind, elem Kind) {
	switch kind {
	case String:
		*at.(*string) = d.String()
	case Name:
		*at.(*string) = d.Name()
	case Bool:
		*at.(*bool) = d.Bool()
	case Int:
		*at.(*int) = d.Int()
	case Int64:
		*at.(*int64) = d.Int64()
	case Number:
		*at.(*json.Number) = d.Number()
	case Raw:
		*at.(*json.RawMessage) = d.Raw()
	case Strings:
		*at.(*map[string]string) = d.StringMap()
	case Nested:
		d.model(at.(Model))
	case Custom:
		at.(Unmarshaler).DecodeWire(d)
	case Array:
		d.elements(at.(Elements), elem)
	case Enum:
		d.texts(at.(Texts))
	case Pointer:
		if d.Kind() == 'n' {
			d.Skip()
			return
		}
		d.Place(at.(Optional).New(), elem, 0)
	default:
		d.Any(at)
	}
}

func (d *Decoder) elements(list Elements, elem Kind) {
	if !d.BeginArray() {
		return
	}
	list.Clear()
	start, room := d.pos, 0
	for n := 0; d.NextElement(); n++ {
		d.Bound(n)
		if n == 1 {
			// The elements of a list are of about the same length, so the first one tells how many there can be.
			room = min(2+(len(d.data)-d.pos)/max(d.pos-start, 1), maxRoom)
		}
		d.Place(list.Add(room), elem, 0)
	}
}

func (d *Decoder) texts(list Texts) {
	if !d.BeginArray() {
		return
	}
	list.Clear()
	for n := 0; d.NextElement(); n++ {
		d.Bound(n)
		list.AddText(d.Name())
	}
}

// maxRoom bounds what the length of a document makes the decoder allocate in advance: a page of the largest size.
const maxRoom = 200

// Value writes v: a Model, a Marshaler, or a model that is not a pointer.
func (e *Encoder) Value(v any) {
	switch v := v.(type) {
	case Model:
		e.model(v)
	case Marshaler:
		v.EncodeWire(e)
	case json.Marshaler:
		data, err := v.MarshalJSON()
		if err != nil {
			e.failWithin(err)
			return
		}
		e.Raw(data)
	default:
		e.Any(v)
	}
}

// failWithin reports the problem of a value that encoded itself.
func (e *Encoder) failWithin(err error) {
	inner, ok := errors.AsType[*EncodeError](err)
	if !ok {
		inner = &EncodeError{Problem: err.Error(), cause: err}
	}
	if e.err == nil {
		e.err = &EncodeError{Path: pointer(e.buf[e.start:]) + inner.Path, Problem: inner.Problem, cause: inner.cause}
	}
}

func (e *Encoder) model(m Model) {
	table := m.Wire(0).(*Table)
	if table.Direct {
		if direct, ok := m.(Direct); ok { // unless its type is only defined over that of a Direct
			direct.WriteWire(e)
			return
		}
	}
	start := e.Mark()
	e.BeginObject()
	for i := range table.Fields {
		f := &table.Fields[i]
		if f.Kind == Const {
			e.Key(f.Key)
			e.buf = append(e.buf, f.Const...)
			continue
		}
		e.member(m.Wire(i+1), f)
	}
	e.Members(start, *m.Wire(len(table.Fields) + 1).(*Members))
	e.EndObject()
}

// member writes the member of a field unless it is zero.
func (e *Encoder) member(at any, f *Field) {
	switch f.Kind {
	case String, Name:
		if text := *at.(*string); text != "" {
			e.Key(f.Key)
			e.String(text)
		}
	case Bool:
		if flag := *at.(*bool); flag || f.Required {
			e.Key(f.Key)
			e.Bool(flag)
		}
	case Int:
		if n := *at.(*int); n != 0 || f.Required {
			e.Key(f.Key)
			e.Int(n)
		}
	case Int64:
		if n := *at.(*int64); n != 0 || f.Required {
			e.Key(f.Key)
			e.Int64(n)
		}
	case Number:
		if n := *at.(*json.Number); n != "" {
			e.Key(f.Key)
			e.Number(n)
		}
	case Pointer:
		if target := at.(Optional).Get(); target != nil {
			e.Key(f.Key)
			e.Place(target, f.Elem, 0)
		}
	case Raw:
		if raw := *at.(*json.RawMessage); len(raw) > 0 {
			e.Key(f.Key)
			e.Raw(raw)
		}
	case Strings:
		if m := *at.(*map[string]string); len(m) > 0 {
			e.Key(f.Key)
			e.StringMap(m)
		}
	default: // whether it is empty shows when it is written
		mark := e.Mark()
		e.Key(f.Key)
		e.Place(at, f.Kind, f.Elem)
		e.DropEmpty(mark)
	}
}

// Place writes what a place of that kind holds.
func (e *Encoder) Place(at any, kind, elem Kind) {
	switch kind {
	case String, Name:
		e.String(*at.(*string))
	case Bool:
		e.Bool(*at.(*bool))
	case Int:
		e.Int(*at.(*int))
	case Int64:
		e.Int64(*at.(*int64))
	case Number:
		e.Number(*at.(*json.Number))
	case Raw:
		e.Raw(*at.(*json.RawMessage))
	case Strings:
		e.StringMap(*at.(*map[string]string))
	case Nested:
		e.model(at.(Model))
	case Custom:
		at.(Marshaler).EncodeWire(e)
	case Array:
		list := at.(Elements)
		e.BeginArray()
		for i := range list.Len() {
			e.Element()
			e.Place(list.At(i), elem, 0)
		}
		e.EndArray()
	case Enum:
		list := at.(Texts)
		e.BeginArray()
		for i := range list.Len() {
			e.Element()
			e.String(list.Text(i))
		}
		e.EndArray()
	default:
		e.Any(at)
	}
}
