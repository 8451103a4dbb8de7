package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// decodeInto decodes data into any v of the caller, by the codec where v knows
// it and by encoding/json where it does not.
func decodeInto(data []byte, v any) error {
	if u, ok := v.(wire.Unmarshaler); ok {
		return wire.UnmarshalJSON(data, u)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // a number that lands in an any must stay exact
	if err := dec.Decode(v); err != nil {
		return withoutValue(err)
	}
	return nil
}

// withoutValue takes the literal out of a type error of encoding/json, which
// would put an account number into a log.
func withoutValue(err error) error {
	mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err
	}
	clean := *mismatch
	clean.Value, _, _ = strings.Cut(mismatch.Value, " ")
	return &clean
}
