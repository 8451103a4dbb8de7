// Package wire is the JSON codec of the SDK: a strict reader and writer without reflection and with few allocations. It
// reads and writes a generated type by the table of its members, see [Model]; other types implement [Unmarshaler] and
// [Marshaler].
//
// The files: decode.go and encode.go are the two directions (decode_value.go and decode_text.go read values other than
// objects and arrays; odd.go reads around what cannot be read), table.go is what a generated type says of itself, scan.go
// finds the ends of strings and numbers, valid.go looks for invalid UTF-8, intern.go shares repeated strings, heap.go bounds
// what a document takes on the heap, embeds.go finds types that have their methods from what they embed, pointer.go says
// where an error is.
//
// All strictness is here. Decoding refuses duplicate members, names in another case than the
// contract's (to a type they are unknown members), a byte order mark, a top-level null and anything after the value. It
// reads invalid UTF-8 and lone surrogates as U+FFFD, as encoding/json does, an integer that is 2.0 or "2", metadata of any
// shape, and [] for an empty object; the exact text of these is written back. Encoding refuses invalid UTF-8 and malformed
// raw values, escapes only what RFC 8259 demands, and writes the same bytes for the same value. Both refuse a nesting
// beyond 512.
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
func Unmarshal(data []byte, v any) error { return unmarshal(data, v, nil) }

func unmarshal(data []byte, v any, apart *[]OddEntry) error {
	d, _ := decoders.Get().(*Decoder)
	d.data, d.heap, d.apart = data, heapFor(data), apart
	if d.Kind() == 'n' {
		d.expected("a value")
	}
	d.Value(v)
	d.end()
	err := d.Err()
	d.recycle()
	return err
}

// UnmarshalJSON is what the UnmarshalJSON method of every type that the codec knows calls. It is Unmarshal, but takes
// null, which encoding/json passes on, and leaves v empty then.
func UnmarshalJSON(data []byte, v any) error {
	if string(bytes.TrimSpace(data)) != "null" {
		return Unmarshal(data, v)
	}
	d := NewDecoder(data)
	d.Value(v)
	return d.Err()
}

// typicalSize is what most documents fit into, in bytes.
const typicalSize = 512

// Marshal encodes v as [Encoder.Value] does. The error is a *EncodeError.
func Marshal(v any) ([]byte, error) {
	return Append(nil, v)
}

// Append encodes v and appends it to b, which may be nil. The error is a *EncodeError; the result is nil then.
func Append(b []byte, v any) ([]byte, error) { return appendValue(b, v, false) }

// AppendRequest is Append for the body of a request, see [Encoder.IsRequest].
func AppendRequest(b []byte, v any) ([]byte, error) { return appendValue(b, v, true) }

func appendValue(b []byte, v any, request bool) ([]byte, error) {
	e, _ := encoders.Get().(*Encoder)
	if b == nil {
		b = make([]byte, 0, typicalSize)
	}
	e.buf, e.start, e.request = b, len(b), request
	e.Value(v)
	text, err := e.Bytes()
	e.recycle()
	return text, err
}

// The pools keep the buffers of decoders and encoders. One in whose use a method of v panicked does not come back.
var (
	decoders = sync.Pool{New: func() any { return new(Decoder) }}
	encoders = sync.Pool{New: func() any { return new(Encoder) }}
)

// maxPlaces is how many places a pooled decoder or encoder keeps memory for.
const maxPlaces = 1024

func (d *Decoder) recycle() {
	if cap(d.scratch) <= typicalSize && cap(d.places) <= maxPlaces {
		clear(d.places[:d.used]) // keeps nothing of the caller's alive
		d.Reset(nil)
		decoders.Put(d)
	}
}

func (e *Encoder) recycle() {
	if cap(e.places) <= maxPlaces {
		clear(e.places[:e.used])
		e.Reset(nil)
		encoders.Put(e)
	}
}
