package dwolla

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestFault208_TheRecordOfAnUnknownOutcomeIsReadBackWhateverItsCause(t *testing.T) {
	for _, e := range endings() {
		if e.outcome != OutcomeUnknown || e.fault.Answer != nil && e.fault.Answer.Header.Get("Content-Encoding") != "" {
			continue // nothing is compressed in memory
		}
		virtual(t, e.name, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(e.fault)
			unknown := unknownOf(t, r.pay(t.Context()))
			for name, v := range map[string]any{"a pointer": unknown, "a value": *unknown} {
				text, err := json.Marshal(v)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				back := OutcomeUnknownError{CorrelationID: "of another record", Method: "PUT"}
				if err := json.Unmarshal(text, &back); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if back.IdempotencyKey != unknown.IdempotencyKey || back.CorrelationID != "rent-1" || back.BodySHA256 != unknown.BodySHA256 ||
					!back.First.Equal(unknown.First) || back.Method != "POST" || back.Path != "/transfers" ||
					back.Origin != faultserver.Base || back.Environment != "sandbox" || back.Error() != unknown.Error() {
					t.Errorf("%s: %s became %+v", name, text, back)
				}
				if again, err := json.Marshal(back); err != nil || !bytes.Equal(again, text) {
					t.Errorf("%s became %s", text, again)
				}
				if OutcomeOf(&back) != OutcomeUnknown || !errors.Is(&back, ErrOutcomeUnknown) {
					t.Error("what was read back is no unknown outcome")
				}
				r.bank.Fault = nil
				later := rigOf(t, r.bank, faultserver.Base, r.bank.Memory())
				if err := later.pay(t.Context(), Resend(&back)); err != nil && OutcomeOf(err) != OutcomeUnknown {
					t.Error(err) // unknown while Dwolla keeps the key locked
				}
				if n := r.bank.Ledger.Len(); n > 1 {
					t.Errorf("paid %d times", n)
				}
			}
		})
	}
	var e OutcomeUnknownError
	if err := json.Unmarshal([]byte(`{"first":7}`), &e); err == nil {
		t.Error("a time of another form was read")
	}
}

func TestFault270_ARecordWithAHoleIsNotReadBack(t *testing.T) {
	whole := map[string]string{
		"idempotencyKey": `"k"`, "bodySha256": `"00"`, "first": `"2026-01-02T03:04:05Z"`, "method": `"POST"`,
		"path": `"/transfers"`, "origin": `"https://api.dwolla.com"`, "environment": `"production"`,
	}
	text := func(without string) string {
		var members []string
		for name, value := range whole {
			if name != without {
				members = append(members, fmt.Sprintf("%q:%s", name, value))
			}
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	said := map[string]string{
		"idempotencyKey": "idempotency key", "bodySha256": "hash", "first": "time of the first attempt", "method": "method",
		"path": "path", "origin": "origin", "environment": "environment",
	}
	for name, part := range said {
		before := OutcomeUnknownError{IdempotencyKey: "before"}
		err := json.Unmarshal([]byte(text(name)), &before)
		if err == nil || !strings.Contains(err.Error(), part) || before.IdempotencyKey != "before" {
			t.Errorf("without %s: %v, %+v", name, err, before)
		}
	}
	for _, text := range []string{`{}`, `null`, `{"first":null}`, `[]`} {
		var e OutcomeUnknownError
		if err := json.Unmarshal([]byte(text), &e); err == nil {
			t.Errorf("%s was read", text)
		}
	}
	whole["method"] = `"DELETE"` // has no key
	for _, text := range []string{text(""), text("idempotencyKey")} {
		var e OutcomeUnknownError
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Error(err)
		}
	}
}
