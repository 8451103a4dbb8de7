// Package wire is the JSON codec of the SDK: a strict, allocation-thrifty reader and writer without reflection. It goes
// over a generated type by a table of its members, see [Model]; types with ways of their own read and write themselves.
//
// Strictness lives here and nowhere else. Decoding refuses duplicate members, names in another case than the
// contract's (to a type they are unknown members), invalid UTF-8, lone surrogates, a byte order mark, a top-level
// null and anything after the value. Encoding refuses invalid UTF-8 and malformed raw values, escapes only what
// RFC 8259 demands, and writes the same bytes for the same value. Both refuse a nesting beyond 512.
//
// Errors say where a document is wrong and what was expected; they never quote its values.
package wire

import (
	"bytes"
	"encoding/json"
	"sync"
)

// maxDepth bounds the nesting of objects and arrays in both directions: a hostile document cannot exhaust the stack,
// and nothing is written that could not be read back.
const maxDepth = 512

// Members are the members of an object that the contract does not name, by key, as they came.
type Members = map[string]json.RawMessage

// Unmarshaler is a type that reads itself from a Decoder.
type Unmarshaler interface {
	// DecodeWire reads exactly one value. It reports problems through the decoder.
	DecodeWire(d *Decoder)
}

// Marshaler is a type that writes itself to an Encoder.
type Marshaler interface {
	// EncodeWire writes exactly one value. It reports problems through the encoder.
	EncodeWire(e *Encoder)
}

// Unmarshal decodes data, which must be exactly one JSON value other than null, into v as [Decoder.Value] does. White space
// may surround the value. The error is a *DecodeError; after one, v is filled in part and not to be used.
func Unmarshal(data []byte, v any) error {
	d, _ := decoders.Get().(*Decoder)
	d.Reset(data)
	defer func() {
		if cap(d.scratch) <= typicalSize {
			d.Reset(nil)
			decoders.Put(d)
		}
	}()
	if d.Kind() == 'n' {
		d.expected("a value")
		return d.Err()
	}
	d.Value(v)
	d.end()
	return d.Err()
}

// decoders keep the words that documents have in common.
var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// typicalSize is what most documents fit into, in bytes.
const typicalSize = 512

// Marshal encodes v as [Encoder.Value] does. The error is a *EncodeError.
//
//go:noinline // every model calls it, and the first build of a program would take longer
func Marshal(v any) ([]byte, error) {
	return Append(make([]byte, 0, typicalSize), v)
}

// Append encodes v and appends it to b, which may be nil. The error is a *EncodeError; the result is nil then.
func Append(b []byte, v any) ([]byte, error) {
	e := NewEncoder(b)
	e.Value(v)
	return e.Bytes()
}

// UnmarshalJSON is the UnmarshalJSON method of every type that the codec knows: as [Unmarshal], but null, which
// encoding/json passes on, leaves v empty.
func UnmarshalJSON(data []byte, v any) error {
	if string(bytes.TrimSpace(data)) != "null" {
		return Unmarshal(data, v)
	}
	d := NewDecoder(data)
	d.Value(v)
	return d.Err()
}
