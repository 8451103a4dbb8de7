package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
)

func TestExtraDecode(t *testing.T) {
	extra := api.Extra{
		"count":  json.RawMessage(`12345678901234567890`),
		"amount": json.RawMessage(`{"value":"1.00","currency":"USD"}`),
		"none":   json.RawMessage(`null`),
	}

	var count any
	equal(t, extra.Decode("count", &count), nil)
	equal(t, count, any(json.Number("12345678901234567890")))

	var amount api.Money
	equal(t, extra.Decode("amount", &amount), nil)
	equal(t, amount, usd("1.00"))

	equal(t, extra.Decode("none", &amount), nil)
	equal(t, amount, api.Money{})
}

func TestExtraDecodeOfAMissingMember(t *testing.T) {
	for _, extra := range []api.Extra{nil, {"other": nil}} {
		var v any
		err := extra.Decode("name", &v)
		missing, ok := errors.AsType[*api.NoMemberError](err)
		if !ok {
			t.Fatalf("error is %T (%v)", err, err)
		}
		equal(t, missing.Name, "name")
	}
}

func TestExtraDecodeErrorsHoldNoValue(t *testing.T) {
	extra := api.Extra{"ssn": json.RawMessage(`123456789`)}
	var text string
	err := extra.Decode("ssn", &text)
	mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		t.Fatalf("error is %T (%v)", err, err)
	}
	equal(t, mismatch.Value, "number")

	var small int8
	err = extra.Decode("ssn", &small)
	if err == nil || strings.Contains(err.Error(), "123456789") {
		t.Errorf("error is %v", err)
	}
}

func TestExtraNamesAreSorted(t *testing.T) {
	equal(t, api.Extra{"b": nil, "a": nil, "B": nil}.Names(), []string{"B", "a", "b"})
	equal(t, len(api.Extra(nil).Names()), 0)
}

func TestExtraCloneSharesNothing(t *testing.T) {
	extra := api.Extra{"a": json.RawMessage(`1`)}
	clone := extra.Clone()
	clone["a"][0] = '2'
	clone["b"] = nil
	equal(t, extra, api.Extra{"a": json.RawMessage(`1`)})
	equal(t, api.Extra(nil).Clone(), nil)
}

func TestExtraShowsNoValues(t *testing.T) {
	type resource struct{ Extra api.Extra }
	extra := api.Extra{"ssn": json.RawMessage(`"secret"`)}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "extra", extra)
	for _, text := range []string{
		fmt.Sprintf("%v %+v %#v %s %q", extra, extra, extra, extra, extra),
		fmt.Sprintf("%v %+v %#v", resource{extra}, resource{extra}, &resource{extra}),
		log.String(),
	} {
		if strings.Contains(text, "secret") || strings.Contains(text, "115 101") || !strings.Contains(text, "ssn") {
			t.Errorf("shows %s", text)
		}
	}
}

func TestExtraJSON(t *testing.T) {
	extra := decode[api.Extra](t, `{"b":1.00,"a":null}`)
	equal(t, extra, api.Extra{"b": json.RawMessage(`1.00`), "a": json.RawMessage(`null`)})
	equal(t, encode(t, extra), `{"a":null,"b":1.00}`)
	equal(t, encode(t, api.Extra(nil)), `{}`)
	equal(t, decode[api.Extra](t, `null`), nil)

	for _, text := range []string{`[]`, `"x"`, `{"a":1,"a":2}`} {
		var refused api.Extra
		if err := json.Unmarshal([]byte(text), &refused); err == nil {
			t.Errorf("accepted %s", text)
		}
	}
	if text, err := json.Marshal(api.Extra{"a": json.RawMessage(`{`)}); err == nil {
		t.Errorf("encoded %s", text)
	}
}

func TestDecodingIntoWhatCannotTakeItIsAnError(t *testing.T) {
	object := decode[api.Object](t, `{"ssn":"secret"}`)
	var into struct{ SSN string }
	err := object.Extra.Decode("ssn", into) // no pointer
	if _, ok := errors.AsType[*json.InvalidUnmarshalError](err); !ok {
		t.Errorf("error is %T (%v)", err, err)
	}
	object.Extra["broken"] = json.RawMessage(`{"secret":`)
	for name, err := range map[string]error{
		"the object":  object.Decode(&into),
		"the member":  object.Extra.Decode("broken", &into.SSN),
		"the encoder": func() error { _, err := json.Marshal(object); return err }(),
	} {
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	equal(t, into.SSN, "")
}

type decoded struct{}

var errDecoded = errors.New("secret")

func (*decoded) UnmarshalJSON([]byte) error { return errDecoded }

func TestFault231_AnErrorOfDecodingHoldsNoTextOfTheDocument(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		into any
		says string
	}{
		"a key as a number": {`{"123-45-6789":"x"}`, new(map[int]string), "int"},
		"a key on the way":  {`{"123-45-6789":{"1980-01-02":"x"}}`, new(map[string]map[string]int), "int"},
		"a key in a struct": {`{"a":{"secret":{"1":"x"}}}`, new(struct{ A map[string]map[int]int }), "int"},
		"a date of birth":   {`"1980-01-02"`, new(time.Time), "time.Time"},
		"a number in quotes": {`{"a":"secret"}`, new(struct {
			A bool `json:",string"`
		}), "struct"},
		"a number that is too big": {`123456789`, new(int8), "int8"},
		"bytes":                    {`"!secret"`, new([]byte), "[]uint8"},
		"a type's own error":       {`"x"`, new(decoded), "decoded"},
	} {
		extra := api.Extra{"m": json.RawMessage(c.text)}
		for _, err := range []error{extra.Decode("m", c.into), api.Object{Extra: extra}.Decode(&struct{ M any }{c.into})} {
			if err == nil {
				t.Errorf("%s: decoded", name)
				continue
			}
			for _, verb := range []string{"%v", "%+v", "%#v"} {
				text := fmt.Sprintf(verb, err)
				for _, secret := range []string{"123", "6789", "1980", "01-02", "secret"} {
					if strings.Contains(text, secret) {
						t.Errorf("%s: %s: %s", name, verb, text)
					}
				}
			}
			if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && (mismatch.Field != "" || strings.ContainsAny(mismatch.Value, " 0123456789")) {
				t.Errorf("%s: within is %q at %q", name, mismatch.Value, mismatch.Field)
			}
		}
		if err := extra.Decode("m", c.into); !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), `"m"`) {
			t.Errorf("%s: %v does not say %s", name, err, c.says)
		}
	}
	if err := (api.Extra{"m": json.RawMessage(`1`)}).Decode("m", new(decoded)); !errors.Is(err, errDecoded) {
		t.Errorf("a type's own error is lost: %v", err)
	}
}
