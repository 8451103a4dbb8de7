package model

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// Key is the Go expression of the member's name as the encoder writes it.
func (f *Field) Key() string { return "`" + strconv.Quote(f.JSON) + ":`" }

// ConstantJSON is the JSON text of a member that is always the same.
func (f *Field) ConstantJSON() (string, error) {
	text, err := json.Marshal(f.Constant)
	return string(text), err
}

// WrittenZero reports whether a member is written even when it is zero.
func (f *Field) WrittenZero() bool {
	switch f.Place().Kind {
	case Bool, Int, Int64:
		return f.Required
	default:
		return false
	}
}

// check reports a model that the tables of the codec cannot describe.
func (t *Type) check() error {
	if len(t.Fields) > wire.MaxFields {
		return fmt.Errorf("%s has more than %d members", t.Name, wire.MaxFields)
	}
	for _, f := range t.Fields {
		if strconv.Quote(f.JSON) != `"`+f.JSON+`"` || strings.Contains(f.JSON, "`") {
			return fmt.Errorf("%s: member %q has a name that needs escapes", t.Name, f.JSON)
		}
	}
	return nil
}
