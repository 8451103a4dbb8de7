package wire

import (
	"bytes"
	"encoding/json"
	"slices"
)

// StringMap writes an object of strings, sorted by name; nil is an empty one. A name or value that is not valid
// UTF-8 is an error.
func (e *Encoder) StringMap(m map[string]string) {
	e.BeginObject()
	if len(m) <= fewNames {
		e.smallMap(m)
	} else {
		for _, name := range sortedNames(nil, m) {
			e.KeyString(name)
			e.String(m[name])
		}
	}
	e.EndObject()
}

// smallMap writes the members of a map that is sorted while it is read, which saves looking them up again.
func (e *Encoder) smallMap(m map[string]string) {
	var pairs [fewNames]struct{ name, value string }
	n := 0
	for name, value := range m {
		i := n
		for ; i > 0 && pairs[i-1].name > name; i-- {
			pairs[i] = pairs[i-1]
		}
		pairs[i].name, pairs[i].value = name, value
		n++
	}
	for i := range n {
		e.KeyString(pairs[i].name)
		e.String(pairs[i].value)
	}
}

// Members writes m, sorted by name, into the object that is open; start is the Mark from before its BeginObject.
// A name that the object already holds and a value that is not valid JSON are errors.
func (e *Encoder) Members(start int, m Members) {
	if len(m) == 0 || e.err != nil {
		return
	}
	if name, found := e.clash(start, m); found {
		e.KeyString(name)
		e.fail(problemDuplicate, nil)
		return
	}
	var small [fewNames]string
	for _, name := range sortedNames(small[:0], m) {
		e.KeyString(name)
		e.Raw(m[name])
	}
}

// fewNames is the number of names that are sorted without an allocation.
const fewNames = 10

// sortedNames appends the names of m to names and sorts them.
func sortedNames[V any](names []string, m map[string]V) []string {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// clash finds a name of m in the object that was begun at start and is still open.
func (e *Encoder) clash(start int, m Members) (name string, found bool) {
	d := Decoder{data: append(e.buf[start:], '}')} // beyond the end of buf, so that nothing is to be undone
	for d.BeginObject(); d.NextMember(); d.Skip() {
		if _, found := m[string(d.Key())]; found {
			return string(d.Key()), true
		}
	}
	return "", false
}

// DropEmpty cuts back to mark if the member written since has the value {} or [], and returns whether it did.
func (e *Encoder) DropEmpty(mark int) bool {
	written := e.buf[mark:]
	n := len(written)
	// No other value can end like this: the last member of an object is followed by the object's own bracket.
	if n < 3 || written[n-3] != ':' || written[n-2] != '{' && written[n-2] != '[' {
		return false
	}
	e.buf = e.buf[:mark]
	return true
}

// marshalAny is json.Marshal without HTML escaping.
func marshalAny(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}

// replaced reports whether text has the escape of U+FFFD. encoding/json writes it for an invalid byte only; a real
// U+FFFD stays as it is.
func replaced(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return false
		}
		if bytes.HasPrefix(text[i:], []byte(`\ufffd`)) {
			return true
		}
		text = text[i+2:]
	}
}
