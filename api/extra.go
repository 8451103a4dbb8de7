package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// Extra holds the members of an object that the SDK does not name, each with
// the JSON text that it came with. They are written back when the object is
// encoded. Set one to send a field that this version of the SDK does not know;
// a name that the object already has is an error when it is encoded.
//
// What a field cannot hold exactly is here too, under the name of the field:
// text with half of a character, which the field has with U+FFFD; metadata that
// is not text; a number that came as text; a list in place of an object. It is
// written back while the field is what was read; delete it to write another
// value of the field.
//
// Unknown members may hold personal data, so formatting and logging an Extra
// shows names only.
type Extra map[string]json.RawMessage

// Decode decodes the named member into v, which is a pointer as for
// [json.Unmarshal]. Numbers that land in an any become a [json.Number].
// It returns a [*NoMemberError] when there is no such member. No error of it
// quotes the document.
func (e Extra) Decode(name string, v any) error {
	raw, ok := e[name]
	if !ok {
		return &NoMemberError{Name: name}
	}
	if err := decodeInto(raw, v); err != nil {
		return fmt.Errorf("dwolla: member %q: %w", name, err)
	}
	return nil
}

// Names returns the names of the members in ascending order.
func (e Extra) Names() []string {
	return slices.Sorted(maps.Keys(e))
}

// Clone returns a copy that shares no memory with e. The clone of nil is nil.
func (e Extra) Clone() Extra {
	if e == nil {
		return nil
	}
	clone := make(Extra, len(e))
	for name, raw := range e {
		clone[name] = bytes.Clone(raw)
	}
	return clone
}

func (e Extra) equal(other Extra) bool {
	return maps.EqualFunc(e, other, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) })
}

// String lists the names of the members, never their values.
func (e Extra) String() string {
	return fmt.Sprint(e.Names())
}

// Format writes String, whatever the verb.
func (e Extra) Format(s fmt.State, _ rune) { write(s, e.String()) }

// LogValue logs the names of the members, never their values.
func (e Extra) LogValue() slog.Value {
	return slog.AnyValue(e.Names())
}

// DecodeWire reads an object; null and an empty object give nil.
func (e *Extra) DecodeWire(d *wire.Decoder) {
	*e = nil
	if !d.BeginObject() {
		return
	}
	for d.NextMember() {
		d.Member((*wire.Members)(e))
	}
}

// EncodeWire writes an object with its members in order of their names.
func (e *Extra) EncodeWire(enc *wire.Encoder) {
	start := enc.Mark()
	enc.BeginObject()
	enc.Members(start, wire.Members(*e))
	enc.EndObject()
}

// MarshalJSON implements [json.Marshaler].
func (e Extra) MarshalJSON() ([]byte, error) { return wire.Marshal(&e) }

// UnmarshalJSON implements [json.Unmarshaler].
func (e *Extra) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, e) }

// decodeInto decodes data into any v of the caller, by the codec where v knows
// it and by encoding/json where it does not.
func decodeInto(data []byte, v any) error {
	switch v.(type) {
	case wire.Unmarshaler, wire.Model:
		return wire.UnmarshalJSON(data, v)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // a number that lands in an any must stay exact
	if err := dec.Decode(v); err != nil {
		return withoutText(err, v)
	}
	return nil
}

// A misfitError says which Go type a document does not fit. Errors of encoding/json and of the types that it calls quote
// the document, and differ between the releases of Go.
type misfitError struct {
	into string
	err  error
}

func (e *misfitError) Error() string { return "the value does not fit " + e.into }

// Format writes the error's text for every verb.
func (e *misfitError) Format(s fmt.State, _ rune) { write(s, e.Error()) }

// Is reports whether the cause is another error. There is no Unwrap: the text of the cause may quote the document.
func (e *misfitError) Is(target error) bool { return errors.Is(e.err, target) }

// As finds what the cause wraps.
func (e *misfitError) As(target any) bool { return errors.As(e.err, target) }

// withoutText keeps of an error of decoding into v no text of the document.
func withoutText(err error, v any) error {
	into := fmt.Sprintf("%T", v)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		kind, _, _ := strings.Cut(mismatch.Value, " ")
		err = &json.UnmarshalTypeError{Value: kind, Type: mismatch.Type, Offset: mismatch.Offset}
		into = fmt.Sprintf("%v in %T", mismatch.Type, v)
	}
	return &misfitError{into: into, err: err}
}
