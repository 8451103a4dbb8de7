package api_test

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/gob"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// usd is an amount whose value a test has chosen, valid or not.
func usd(value string) api.Money { return api.Money{Amount: value, Currency: "USD"} }

// reason is the reason of an AmountError in err, or what err is instead.
func reason(err error) string {
	if amount, ok := errors.AsType[*api.AmountError](err); ok {
		return amount.Reason
	}
	if mismatch, ok := errors.AsType[*api.CurrencyMismatchError](err); ok {
		return mismatch.Got + " is not " + mismatch.Want
	}
	if err != nil {
		return "unexpected: " + err.Error()
	}
	return ""
}

func TestMoneyValidate(t *testing.T) {
	tests := map[string]struct {
		value, currency string
		want            string
	}{
		"two decimals are valid":                 {"12.50", "USD", ""},
		"no decimals are valid":                  {"12", "USD", ""},
		"zero is valid":                          {"0", "USD", ""},
		"minus zero is valid":                    {"-0.00", "USD", ""},
		"a negative amount is valid":             {"-12.505", "USD", ""},
		"a currency in lower case is valid":      {"1", "usd", ""},
		"20 digits are valid":                    {strings.Repeat("9", 20), "USD", ""},
		"18 decimals are valid":                  {"0." + strings.Repeat("9", 18), "USD", ""},
		"21 digits are too many":                 {strings.Repeat("9", 21), "USD", "too many digits"},
		"400 digits are too many":                {strings.Repeat("9", 400), "USD", "too many digits"},
		"19 decimals are too many":               {"0." + strings.Repeat("0", 19), "USD", "too many decimals"},
		"empty is refused":                       {"", "USD", "empty"},
		"a lone minus is refused":                {"-", "USD", "not a plain decimal number"},
		"two minus signs are refused":            {"--1", "USD", "not a plain decimal number"},
		"a plus is refused":                      {"+1", "USD", "not a plain decimal number"},
		"an exponent is refused":                 {"1e3", "USD", "not a plain decimal number"},
		"NaN is refused":                         {"NaN", "USD", "not a plain decimal number"},
		"a thousands separator is refused":       {"1,000.00", "USD", "not a plain decimal number"},
		"an underscore is refused":               {"1_000", "USD", "not a plain decimal number"},
		"hexadecimal is refused":                 {"0x10", "USD", "not a plain decimal number"},
		"a space before is refused":              {" 1", "USD", "not a plain decimal number"},
		"a line break after is refused":          {"1\n", "USD", "not a plain decimal number"},
		"a point without decimals is refused":    {"1.", "USD", "not a plain decimal number"},
		"a point without digits is refused":      {".5", "USD", "not a plain decimal number"},
		"two points are refused":                 {"1.2.3", "USD", "not a plain decimal number"},
		"digits of another script are refused":   {"١٢", "USD", "not a plain decimal number"},
		"a leading zero is refused":              {"007", "USD", "leading zero"},
		"a leading zero after minus is refused":  {"-00.5", "USD", "leading zero"},
		"no currency is refused":                 {"1", "", "currency is not three letters"},
		"a currency of two letters is refused":   {"1", "US", "currency is not three letters"},
		"a currency with a digit is refused":     {"1", "US1", "currency is not three letters"},
		"a currency outside ASCII is refused":    {"1", "Uſ", "currency is not three letters"},
		"a currency with punctuation is refused": {"1", "U[D", "currency is not three letters"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := api.Money{Amount: tt.value, Currency: tt.currency}
			equal(t, reason(m.Validate()), tt.want)
		})
	}
}

func TestMoneyValidatePayment(t *testing.T) {
	tests := map[string]struct {
		value, currency string
		want            string
	}{
		"a cent can be paid":                 {"0.01", "USD", ""},
		"an amount without decimals can be":  {"5", "USD", ""},
		"lower-case dollars can be paid":     {"5.5", "usd", ""},
		"zero cannot be paid":                {"0.00", "USD", "not greater than zero"},
		"minus zero cannot be paid":          {"-0", "USD", "not greater than zero"},
		"a negative amount cannot be paid":   {"-1.00", "USD", "not greater than zero"},
		"half a cent cannot be paid":         {"12.505", "USD", "more than two decimals"},
		"a third zero decimal cannot be":     {"12.500", "USD", "more than two decimals"},
		"another currency cannot be paid":    {"1.00", "EUR", "EUR is not USD"},
		"an invalid amount cannot be paid":   {"1e3", "USD", "not a plain decimal number"},
		"an amount without currency neither": {"1.00", "", "currency is not three letters"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := api.Money{Amount: tt.value, Currency: tt.currency}
			equal(t, reason(m.ValidatePayment()), tt.want)
		})
	}
}

func TestParseMoney(t *testing.T) {
	tests := map[string]struct {
		text string
		want string // the text of the result
		err  string
	}{
		"a bare amount is of dollars":       {text: "12.50", want: "12.50 USD"},
		"a currency can be said":            {text: "12.50 USD", want: "12.50 USD"},
		"its case does not matter":          {text: "-1 eur", want: "-1 EUR"},
		"a space without currency is wrong": {text: "12.50 ", err: "currency is not three letters"},
		"two spaces are wrong":              {text: "12.50  USD", err: "currency is not three letters"},
		"a currency in front is wrong":      {text: "USD 12.50", err: "not a plain decimal number"},
		"a dollar sign is wrong":            {text: "$12.50", err: "not a plain decimal number"},
		"empty is wrong":                    {text: "", err: "empty"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, err := api.ParseMoney(tt.text)
			equal(t, reason(err), tt.err)
			equal(t, m.String(), tt.want)
		})
	}
}

func TestUSDRefusesWhatIsNoAmount(t *testing.T) {
	m, err := api.USD("1e3")
	equal(t, reason(err), "not a plain decimal number")
	equal(t, m, api.Money{})
}

func TestMoneyAndCents(t *testing.T) {
	tests := map[string]struct {
		cents int64
		value string
	}{
		"zero":              {0, "0.00"},
		"one cent":          {1, "0.01"},
		"ten cents":         {10, "0.10"},
		"a dollar":          {100, "1.00"},
		"a negative amount": {-1250, "-12.50"},
		"the largest int64": {math.MaxInt64, "92233720368547758.07"},
		"the least int64":   {math.MinInt64, "-92233720368547758.08"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := api.USDCents(tt.cents)
			equal(t, m, usd(tt.value))
			got, err := m.Cents()
			equal(t, err, nil)
			equal(t, got, tt.cents)
		})
	}
}

func TestMoneyCentsRefusesWhatIsNotExact(t *testing.T) {
	tests := map[string]struct {
		m    api.Money
		want string
	}{
		"half a cent":                      {usd("0.005"), "not a whole number of cents"},
		"one cent more than an int64":      {usd("92233720368547758.08"), "too large"},
		"one cent less than an int64":      {usd("-92233720368547758.09"), "too large"},
		"an invalid amount":                {usd("1e2"), "not a plain decimal number"},
		"an amount of another currency":    {api.Money{Amount: "1", Currency: "JPY"}, "JPY is not USD"},
		"the zero Money":                   {api.Money{}, "empty"},
		"an amount that has no currency":   {api.Money{Amount: "1"}, "currency is not three letters"},
		"the largest amount with decimals": {usd("99999999999999999999.99"), "too large"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cents, err := tt.m.Cents()
			equal(t, reason(err), tt.want)
			equal(t, cents, 0)
		})
	}

	cents, err := usd("1.5000").Cents()
	equal(t, err, nil)
	equal(t, cents, 150)
}

func TestMoneyArithmetic(t *testing.T) {
	tests := map[string]struct {
		a, b     string
		sum, sub string
	}{
		"cents carry":                  {"0.99", "0.01", "1.00", "0.98"},
		"the larger scale is kept":     {"1", "0.005", "1.005", "0.995"},
		"decimal tenths are exact":     {"0.1", "0.2", "0.3", "-0.1"},
		"zero has no sign":             {"-1.00", "1", "0.00", "-2.00"},
		"minus zero vanishes":          {"-0", "-0.0", "0.0", "0.0"},
		"many digits are exact":        {"9007199254740993.01", "0.01", "9007199254740993.02", "9007199254740993.00"},
		"both limits fit at once":      {"99999999999999999998", "0.000000000000000001", "99999999999999999998.000000000000000001", "99999999999999999997.999999999999999999"},
		"less than one keeps its zero": {"0.05", "0.07", "0.12", "-0.02"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			sum, err := usd(tt.a).Add(usd(tt.b))
			equal(t, err, nil)
			equal(t, sum, usd(tt.sum))
			sub, err := usd(tt.a).Sub(usd(tt.b))
			equal(t, err, nil)
			equal(t, sub, usd(tt.sub))
		})
	}
}

func TestMoneyOperationsRefuseInvalidAndMixedAmounts(t *testing.T) {
	operations := map[string]func(m, n api.Money) error{
		"Cmp": func(m, n api.Money) error { _, err := m.Cmp(n); return err },
		"Add": func(m, n api.Money) error { _, err := m.Add(n); return err },
		"Sub": func(m, n api.Money) error { _, err := m.Sub(n); return err },
		"Sum": func(m, n api.Money) error { _, err := api.Sum(m, n); return err },
	}
	for name, operation := range operations {
		t.Run(name, func(t *testing.T) {
			equal(t, reason(operation(usd("1"), usd("2"))), "")
			equal(t, reason(operation(usd("x"), usd("2"))), "not a plain decimal number")
			equal(t, reason(operation(usd("1"), usd("x"))), "not a plain decimal number")
			equal(t, reason(operation(usd("1"), api.Money{})), "empty")
			equal(t, reason(operation(usd("1"), api.Money{Amount: "1", Currency: "EUR"})), "EUR is not USD")
			equal(t, reason(operation(usd("1"), api.Money{Amount: "1", Currency: "usd"})), "")
		})
	}
}

func TestSumOfNothingIsTheZeroMoney(t *testing.T) {
	total, err := api.Sum()
	equal(t, err, nil)
	equal(t, total.IsZero(), true)
}

func TestSumTakesTheCurrencyOfTheFirst(t *testing.T) {
	total, err := api.Sum(api.Money{Amount: "1.50", Currency: "usd"}, usd("2"))
	equal(t, err, nil)
	equal(t, total, api.Money{Amount: "3.50", Currency: "usd"})
}

func TestMoneyNegAndSign(t *testing.T) {
	for value, want := range map[string]struct {
		neg  string
		sign int
	}{
		"5.00":  {"-5.00", 1},
		"-5.00": {"5.00", -1},
		"0.00":  {"0.00", 0},
		"-0":    {"0", 0},
	} {
		neg, err := usd(value).Neg()
		equal(t, err, nil)
		equal(t, neg, usd(want.neg))
		sign, err := usd(value).Sign()
		equal(t, err, nil)
		equal(t, sign, want.sign)
	}
	_, err := usd("").Neg()
	equal(t, reason(err), "empty")
	_, err = usd("").Sign()
	equal(t, reason(err), "empty")
}

func TestMoneyEqual(t *testing.T) {
	tests := map[string]struct {
		a, b api.Money
		want bool
	}{
		"trailing zeros do not matter":         {usd("1.0"), usd("1.00"), true},
		"the case of the currency neither":     {usd("1"), api.Money{Amount: "1.0", Currency: "usd"}, true},
		"minus zero is zero":                   {usd("-0"), usd("0.00"), true},
		"other amounts differ":                 {usd("1.00"), usd("1.01"), false},
		"other currencies differ":              {usd("1"), api.Money{Amount: "1", Currency: "EUR"}, false},
		"the zero Money equals itself":         {api.Money{}, api.Money{}, true},
		"the zero Money is not nothing paid":   {api.Money{}, usd("0"), false},
		"an invalid amount equals its text":    {usd("1e3"), usd("1e3"), true},
		"an invalid amount equals no other":    {usd("1e3"), usd("1000"), false},
		"an amount equals itself as a number":  {decodeMoney(t, `{"value":1,"currency":"USD"}`), usd("1.00"), true},
		"a missing currency is not the dollar": {api.Money{Amount: "1"}, usd("1"), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			equal(t, tt.a.Equal(tt.b), tt.want)
			equal(t, tt.b.Equal(tt.a), tt.want)
		})
	}
}

func decodeMoney(t *testing.T, text string) api.Money {
	t.Helper()
	return decode[api.Money](t, text)
}

func TestMoneyJSON(t *testing.T) {
	tests := map[string]struct {
		text     string
		value    string
		currency string
	}{
		"a string stays a string":            {`{"value":"12.50","currency":"USD"}`, "12.50", "USD"},
		"a number stays that number":         {`{"value":12.50,"currency":"USD"}`, "12.50", "USD"},
		"a number with exponent stays":       {`{"value":1E+2,"currency":"USD"}`, "1E+2", "USD"},
		"a number of 40 digits stays":        {`{"value":` + strings.Repeat("9", 40) + `}`, strings.Repeat("9", 40), ""},
		"a currency in lower case stays":     {`{"value":"1","currency":"usd"}`, "1", "usd"},
		"an amount that is none stays":       {`{"value":"1,000.00","currency":"$"}`, "1,000.00", "$"},
		"an unknown member stays":            {`{"value":"1","currency":"USD","fx":{"rate":1.10}}`, "1", "USD"},
		"null gives the zero Money":          {`null`, "", ""},
		"null members are as absent members": {`{"value":null,"currency":null}`, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := decodeMoney(t, tt.text)
			equal(t, m.Amount, tt.value)
			equal(t, m.Currency, tt.currency)
			lossless(t, tt.text, m)
		})
	}
}

func TestMoneyJSONRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"a bare number":        `12.50`,
		"a bare string":        `"12.50"`,
		"a list":               `[]`,
		"a value of an object": `{"value":{}}`,
		"a value that is true": `{"value":true}`,
		"a numeric currency":   `{"currency":840}`,
		"two values":           `{"value":"1.00","value":"9.00"}`,
		"two unknown members":  `{"x":1,"x":2}`,
	} {
		t.Run(name, func(t *testing.T) {
			var m api.Money
			if err := json.Unmarshal([]byte(text), &m); err == nil {
				t.Errorf("accepted %s as %v", text, m)
			}
		})
	}
}

func TestMoneyJSONOfAnotherSpellingIsUnknown(t *testing.T) {
	m := decodeMoney(t, `{"Value":"9.00","value":"1.00","currency":"USD"}`)
	equal(t, m.Amount, "1.00")
	equal(t, m.Extra.Names(), []string{"Value"})
}

func TestMoneyThatWasANumberRefusesToEncodeAnotherText(t *testing.T) {
	m := decodeMoney(t, `{"value":1}`)
	m.Amount = "one"
	if text, err := json.Marshal(m); err == nil {
		t.Errorf("encoded %s", text)
	}
}

func TestMoneyExtraCannotOverrideAMember(t *testing.T) {
	m := usd("1.00")
	m.Extra = api.Extra{"value": json.RawMessage(`"9.00"`)}
	if text, err := json.Marshal(m); err == nil {
		t.Errorf("encoded %s", text)
	}
}

func TestMoneyLogsNoAmount(t *testing.T) {
	equal(t, slog.AnyValue(usd("12.50")).Resolve().String(), "USD [redacted]")
	equal(t, slog.AnyValue(api.Money{Amount: "1", Currency: "secret"}).Resolve().String(), "[redacted]")
}

var validAmount = regexp.MustCompile(`\A-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,18})?\z`)

func FuzzParseMoney(f *testing.F) {
	for _, text := range []string{"12.50", "-0", "1e3", "007", "1.", ".5", "+1", "12.50 USD", "1 usd", "1_0", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := api.ParseMoney(text)
		value, currency, found := strings.Cut(text, " ")
		want := validAmount.MatchString(value) && (!found || regexp.MustCompile(`\A[A-Za-z]{3}\z`).MatchString(currency))
		if (err == nil) != want {
			t.Fatalf("ParseMoney(%q) = %v, %v", text, m, err)
		}
		if err != nil {
			if _, ok := errors.AsType[*api.AmountError](err); !ok {
				t.Fatalf("error of type %T", err)
			}
			return
		}
		again, err := api.ParseMoney(m.String())
		if err != nil || !again.Equal(m) || again.Amount != value {
			t.Fatalf("%q came back as %v, %v", text, again, err)
		}
	})
}

func FuzzMoneyJSON(f *testing.F) {
	f.Add(`{"value":"12.50","currency":"USD"}`)
	f.Add(`{"value":12.50,"currency":"USD","x":[1.0]}`)
	f.Add(`{"value":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		var m api.Money
		if json.Unmarshal([]byte(text), &m) != nil {
			return
		}
		lossless(t, text, m)
	})
}

func TestFault238_MoneyIsStoredAndReadBackExactly(t *testing.T) {
	var (
		_ encoding.TextMarshaler   = api.Money{}
		_ encoding.TextUnmarshaler = new(api.Money)
		_ driver.Valuer            = api.Money{}
		_ sql.Scanner              = new(api.Money)
	)
	for _, m := range []api.Money{
		{},
		{Amount: "12.50", Currency: "USD"},
		{Amount: "12.5", Currency: "usd"},
		{Amount: "-0.00", Currency: "EUR"},
		{Amount: strings.Repeat("9", 20) + "." + strings.Repeat("9", 18), Currency: "USD"},
	} {
		text, err := m.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		stored, err := m.Value()
		if err != nil || m.IsZero() != (stored == nil) {
			t.Fatalf("%s is stored as %v, %v", m, stored, err)
		}
		for _, src := range []any{text, string(text), stored} {
			got := usd("7")
			if err := got.Scan(src); err != nil || !reflect.DeepEqual(got, m) {
				t.Errorf("%s came back from %q as %s, %v", m, src, got, err)
			}
		}
		got := usd("7")
		if err := got.UnmarshalText(text); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%s came back as %s, %v", m, got, err)
		}
	}
	for _, bad := range []api.Money{usd("1e3"), usd(""), usd("1 2"), {Amount: "1"}, {Currency: "USD"}, {Amount: "1", Currency: "USD EUR"}} {
		if text, err := bad.MarshalText(); err == nil {
			t.Errorf("%#v is written as %q", bad, text)
		}
		if stored, err := bad.Value(); err == nil {
			t.Errorf("%#v is stored as %v", bad, stored)
		}
	}
	for _, bad := range []any{1, int64(1), 1.5, true, "1e3 USD", "12.50  USD", "USD", " ", []byte("1,00 USD")} {
		got := usd("7")
		if err := got.Scan(bad); err == nil || got.Amount != "7" {
			t.Errorf("%v is read as %s, %v", bad, got, err)
		}
	}
}

func TestFault239_MoneyIsWrittenBackAsItCame(t *testing.T) {
	const number = `{"value":12.50,"currency":"USD","formatted":"$12.50"}`
	m := decode[api.Money](t, number)
	if got := encode(t, m); got != number {
		t.Errorf("got %s", got)
	}
	var stored bytes.Buffer
	var back api.Money
	if err := errors.Join(gob.NewEncoder(&stored).Encode(m), gob.NewDecoder(&stored).Decode(&back)); err != nil || !reflect.DeepEqual(back, m) {
		t.Errorf("package gob gave %s, %v", encode(t, back), err)
	}
	if got, err := wire.AppendRequest(nil, &m); err != nil || string(got) != `{"value":"12.50","currency":"USD"}` {
		t.Errorf("a request has %s, %v", got, err)
	}
}

func TestFault275_OnlyASCIILettersAreACurrency(t *testing.T) {
	for _, text := range []string{"1 u\u017fd", "1 U\u017fD", "1 \u017fsd", "1 us\u0131"} {
		if m, err := api.ParseMoney(text); err == nil {
			t.Errorf("%q is %v", text, m)
		}
	}
}
