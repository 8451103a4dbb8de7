package dwollatest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// cents are an amount of US dollars in cents. All arithmetic of the package is in cents; there is no other currency.
type cents int64

// maxDigits keeps every sum of amounts within int64.
const maxDigits = 13

var errAmount = errors.New("not a decimal amount")

// parseCents reads an unsigned or negative decimal. More than two decimals are rounded half to even, as Dwolla does.
func parseCents(text string) (cents, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, dotted := strings.Cut(digits, ".")
	if whole == "" || len(whole) > maxDigits || dotted && fraction == "" || !isDigits(whole) || !isDigits(fraction) {
		return 0, errAmount
	}
	kept := (fraction + "00")[:2]
	var value cents
	for _, digit := range whole + kept {
		value = value*10 + cents(digit-'0')
	}
	if roundsUp(value, strings.TrimPrefix(fraction, kept)) {
		value++
	}
	if negative {
		value = -value
	}
	return value, nil
}

// roundsUp reports whether the decimals that were cut off raise the value, half to even.
func roundsUp(value cents, cut string) bool {
	cut = strings.TrimRight(cut, "0")
	return cut > "5" || cut == "5" && value%2 == 1
}

func isDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// String returns the decimal with two places, as Dwolla writes it.
func (c cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
}

// amount is Dwolla's JSON form of money.
type amount struct {
	Value    string `json:"value"`
	Currency string `json:"currency"`
}

// UnmarshalJSON reads the value from a number too, which some of Dwolla's own clients write.
func (a *amount) UnmarshalJSON(data []byte) error {
	var in struct {
		Value    json.RawMessage `json:"value"`
		Currency string          `json:"currency"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	a.Currency, a.Value = in.Currency, string(in.Value)
	switch {
	case a.Value == "null":
		a.Value = ""
	case strings.HasPrefix(a.Value, `"`):
		return json.Unmarshal(in.Value, &a.Value)
	}
	return nil
}

func usd(c cents) amount { return amount{Value: c.String(), Currency: "USD"} }

// cents reads the amount; only US dollars are known.
func (a amount) cents() (cents, error) {
	if !strings.EqualFold(a.Currency, "USD") {
		return 0, errAmount
	}
	return parseCents(a.Value)
}
