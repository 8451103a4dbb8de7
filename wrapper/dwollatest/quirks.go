package dwollatest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Quirks are what Dwolla does at times beside its documents, for tests of programs that must stand it. The zero value does
// what the documents say.
type Quirks struct {
	// Metadata is the name of the member with the metadata in answers, such as "metaData" in place of "metadata". [NoMetadata]
	// leaves it out.
	Metadata string
	// UpperCaseIDs writes the ids and hrefs of answers with UUIDs in upper case.
	UpperCaseIDs bool
	// SearchLag is the age from which mass payments and transfers are in lists; those of a mass payment's items have ItemLag.
	SearchLag, ItemLag time.Duration
	// SettleLag is how long the items of a mass payment are shown as pending after it is complete.
	SettleLag time.Duration
	// RefuseItems refuses a mass payment as a whole if an item cannot be paid, and names the items in the paths of its errors,
	// such as /items/7/_links/destination/href.
	RefuseItems bool
}

// NoMetadata is the name of metadata that is not in answers.
const NoMetadata = "-"

// SetQuirks replaces the quirks.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.quirks = q
}

// Return has a transfer come back with an ACH return code, such as "R03": also one that was processed, as happens days after
// a payment. The money is at its source again, and what the code does to the bank and its Customer happens.
func (s *Server) Return(transfer, code string) {
	s.mu.Lock()
	s.state.catchUp(s.now())
	known, late := returnCodeByName(code)
	t := s.state.transferByID[strings.ToLower(transfer)]
	may := t != nil && known != nil && !late && (t.status == pending || t.status == processed)
	if may {
		s.state.giveBack(t, known)
		s.refresh()
	}
	s.mu.Unlock()
	if !may {
		s.problem(fmt.Errorf("transfer %q cannot come back with code %q", transfer, code))
	}
}

// giveBack returns a leg, whether it was completed or not.
func (st *state) giveBack(t *transfer, code *returnCode) {
	t.failedSource = t.destination
	if t.destination.kind != bank && t.source != nil {
		t.failedSource = t.source
	}
	if t.status == pending {
		st.failLeg(t, code)
		return
	}
	t.lateFailure = code
	st.returnLeg(t)
}

// listed are the entries of a list that are old enough to be found.
func listed[T any](st *state, lag time.Duration, found []*T, created func(*T) time.Time) []*T {
	if lag <= 0 {
		return found
	}
	seen := make([]*T, 0, len(found))
	for _, v := range found {
		if st.now.Sub(created(v)) >= lag {
			seen = append(seen, v)
		}
	}
	return seen
}

// unsettled reports whether a mass payment's items are still shown as pending.
func (q *Quirks) unsettled(m *massPayment, now time.Time) bool {
	return q.SettleLag > 0 && (m.completed.IsZero() || now.Sub(m.completed) < q.SettleLag)
}

// refusedItems are the errors of items that cannot be paid.
func (st *state) refusedItems(m *massPayment) (errs []fieldError) {
	for i, item := range m.items.all {
		at := fmt.Sprintf("/items/%d/_links/destination/href", i)
		destination, bad := st.payee(item.destination, at)
		switch {
		case bad != nil:
			errs = append(errs, *bad)
		case destination.party == m.source.party:
			errs = append(errs, invalid(at, "Receiver owns the source."))
		}
	}
	return errs
}

var uuidPattern = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// rewrite writes the body of an answer as the quirks say.
func (q *Quirks) rewrite(body []byte) []byte {
	if q.Metadata == "" && !q.UpperCaseIDs || len(body) == 0 {
		return body
	}
	var v any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		return body
	}
	return encode(q.value(v))
}

func (q *Quirks) value(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = q.value(v[i])
		}
	case map[string]any:
		for name, member := range v {
			text, isText := member.(string)
			switch {
			case name == "metadata":
				q.rename(v, member)
			case name == q.Metadata: // done already
			case isText && (name == "id" || name == "href"):
				v[name] = q.id(text)
			default:
				v[name] = q.value(member)
			}
		}
	}
	return v
}

// rename gives the metadata of a resource its other name.
func (q *Quirks) rename(resource map[string]any, metadata any) {
	if q.Metadata == "" {
		return
	}
	delete(resource, "metadata")
	if q.Metadata != NoMetadata {
		resource[q.Metadata] = metadata
	}
}

// id writes the ids in a text as the quirks say.
func (q *Quirks) id(text string) string {
	if !q.UpperCaseIDs {
		return text
	}
	return uuidPattern.ReplaceAllStringFunc(text, strings.ToUpper)
}
