package api

import (
	"database/sql/driver"
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// currencyUSD is the one currency that Dwolla pays in.
const currencyUSD = "USD"

// Money is an exact amount of a currency. No method rounds or uses binary
// floating point.
//
// An amount is valid when Amount is a plain decimal number of at most 20 digits
// before the point and 18 after it, without exponent, plus sign, spaces or
// needless leading zeros, and Currency is three letters. Decoding keeps what
// Dwolla wrote, valid or not; every calculation checks first.
type Money struct {
	// Amount is in units of the currency, such as "12.50".
	Amount string
	// Currency is the ISO 4217 code. Dwolla writes it in either case.
	Currency string
	// Extra holds every other member of an answer. In a request it is not sent.
	Extra Extra

	number bool // Amount was a JSON number, and is written back as one
}

// USD returns the amount of US dollars of a decimal text such as "12.50", or an
// [*AmountError].
func USD(value string) (Money, error) {
	m := Money{Amount: value, Currency: currencyUSD}
	if err := m.Validate(); err != nil {
		return Money{}, err
	}
	return m, nil
}

// USDCents returns an amount of US dollars, such as 12.50 for 1250.
func USDCents(cents int64) Money {
	return Money{Amount: decimalOf(cents, 2).String(), Currency: currencyUSD}
}

// ParseMoney reads "12.50 USD", with one space, or "12.50", which is US
// dollars. The currency may be of either case and is returned in upper case.
// It returns an [*AmountError] for anything else.
func ParseMoney(s string) (Money, error) {
	value, currency, found := strings.Cut(s, " ")
	if !found {
		currency = currencyUSD
	}
	m := Money{Amount: value, Currency: currency}
	if err := m.Validate(); err != nil {
		return Money{}, err
	}
	m.Currency = strings.ToUpper(currency) // not before it is valid: the upper case of some other letters is ASCII
	return m, nil
}

// Validate returns an [*AmountError] where m is not a valid amount.
func (m Money) Validate() error {
	_, err := m.decimal()
	return err
}

// ValidatePayment returns an error where Dwolla would not pay m: an
// [*AmountError] unless it is a valid amount greater than zero with at most
// two decimals, a [*CurrencyMismatchError] unless it is of US dollars.
func (m Money) ValidatePayment() error {
	d, err := m.decimal()
	switch {
	case err != nil:
		return err
	case !strings.EqualFold(m.Currency, currencyUSD):
		return &CurrencyMismatchError{Want: currencyUSD, Got: m.Currency}
	case d.scale > 2:
		return &AmountError{Reason: "more than two decimals"}
	case d.sign() <= 0:
		return &AmountError{Reason: "not greater than zero"}
	}
	return nil
}

// IsZero reports whether m is the zero Money, which has no amount. Whether an
// amount is 0 is what [Money.Sign] returns.
func (m Money) IsZero() bool {
	return m.Amount == "" && m.Currency == "" && len(m.Extra) == 0
}

// Sign returns -1, 0 or +1 for an amount below, of or above zero.
func (m Money) Sign() (int, error) {
	d, err := m.decimal()
	if err != nil {
		return 0, err
	}
	return d.sign(), nil
}

// Cents returns an amount of US dollars in cents. It returns an [*AmountError]
// where that is not a whole number or overflows an int64, and a
// [*CurrencyMismatchError] for another currency.
func (m Money) Cents() (int64, error) {
	d, err := m.decimal()
	if err != nil {
		return 0, err
	}
	if !strings.EqualFold(m.Currency, currencyUSD) {
		return 0, &CurrencyMismatchError{Want: currencyUSD, Got: m.Currency}
	}
	cents, exact := d.rescale(2)
	switch {
	case !exact:
		return 0, &AmountError{Reason: "not a whole number of cents"}
	case !cents.IsInt64():
		return 0, &AmountError{Reason: "too large"}
	}
	return cents.Int64(), nil
}

// Cmp returns -1, 0 or +1 for m less than, equal to or greater than n. It
// returns an [*AmountError] where one is not a valid amount, and a
// [*CurrencyMismatchError] where the currencies differ, ignoring case.
func (m Money) Cmp(n Money) (int, error) {
	a, b, err := decimals(m, n)
	if err != nil {
		return 0, err
	}
	return a.cmp(b), nil
}

// Equal reports whether m and n are the same amount: 1.0 USD equals 1.00 usd.
// Amounts that are not valid are equal where their texts are.
func (m Money) Equal(n Money) bool {
	if m.Amount == n.Amount && strings.EqualFold(m.Currency, n.Currency) {
		return true
	}
	order, err := m.Cmp(n)
	return err == nil && order == 0
}

// Add returns m + n, in the currency of m and with the decimals of the one
// that has more. The errors are those of [Money.Cmp], and an [*AmountError]
// where the result has too many digits.
func (m Money) Add(n Money) (Money, error) {
	a, b, err := decimals(m, n)
	if err != nil {
		return Money{}, err
	}
	return moneyOf(a.add(b), m.Currency)
}

// Sub returns m - n, by the rules of [Money.Add].
func (m Money) Sub(n Money) (Money, error) {
	a, b, err := decimals(m, n)
	if err != nil {
		return Money{}, err
	}
	return moneyOf(a.add(b.neg()), m.Currency)
}

// Neg returns -m, such as a withdrawal from a label.
func (m Money) Neg() (Money, error) {
	d, err := m.decimal()
	if err != nil {
		return Money{}, err
	}
	return moneyOf(d.neg(), m.Currency)
}

// Sum returns the sum of the amounts by the rules of [Money.Add]. Only the
// total has to keep the digit limit. The sum of no amounts is the zero Money,
// since there is no currency.
func Sum(amounts ...Money) (Money, error) {
	if len(amounts) == 0 {
		return Money{}, nil
	}
	currency := amounts[0].Currency
	total := decimalOf(0, 0)
	for _, m := range amounts {
		d, err := m.decimal()
		if err != nil {
			return Money{}, err
		}
		if !strings.EqualFold(m.Currency, currency) {
			return Money{}, &CurrencyMismatchError{Want: currency, Got: m.Currency}
		}
		total = total.add(d)
	}
	return moneyOf(total, currency)
}

// String returns value and currency, such as "12.50 USD".
func (m Money) String() string {
	return strings.TrimSpace(m.Amount + " " + m.Currency)
}

// LogValue logs the currency without the amount, which is personal data.
func (m Money) LogValue() slog.Value {
	if !isCurrency(m.Currency) {
		return slog.StringValue("[redacted]")
	}
	return slog.StringValue(m.Currency + " [redacted]")
}

// decimal returns the number of a valid amount.
func (m Money) decimal() (decimal, error) {
	d, err := parseDecimal(m.Amount)
	if err != nil {
		return decimal{}, err
	}
	if !isCurrency(m.Currency) {
		return decimal{}, &AmountError{Reason: "currency is not three letters"}
	}
	return d, nil
}

// decimals returns the numbers of two valid amounts of one currency.
func decimals(m, n Money) (a, b decimal, err error) {
	if a, err = m.decimal(); err != nil {
		return a, b, err
	}
	if b, err = n.decimal(); err != nil {
		return a, b, err
	}
	if !strings.EqualFold(m.Currency, n.Currency) {
		return a, b, &CurrencyMismatchError{Want: m.Currency, Got: n.Currency}
	}
	return a, b, nil
}

// moneyOf returns the result of a calculation.
func moneyOf(d decimal, currency string) (Money, error) {
	m := Money{Amount: d.String(), Currency: currency}
	if err := m.Validate(); err != nil {
		return Money{}, err
	}
	return m, nil
}

func isCurrency(s string) bool {
	if len(s) != 3 {
		return false
	}
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// DecodeWire reads an object; null gives the zero Money. The text of value is
// kept as it is, whether it is a string or a number.
func (m *Money) DecodeWire(d *wire.Decoder) {
	*m = Money{}
	if !d.BeginObject() {
		return
	}
	var seen [1]uint64
	for d.NextMember() {
		switch string(d.Key()) {
		case "value":
			d.Once(&seen[0], 0)
			m.Amount, m.number = d.NumberOrString()
		case "currency":
			d.Once(&seen[0], 1)
			m.Currency = d.Interned()
		default:
			d.Member((*wire.Members)(&m.Extra))
		}
	}
}

// EncodeWire writes an object with everything as it came: value is a number
// where Dwolla wrote one. In the body of a request it is value and currency
// alone, both strings, as the contract has them.
func (m *Money) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	if m.Amount != "" {
		e.Key(`"value":`)
		m.encodeAmount(e)
	}
	if m.Currency != "" {
		e.Key(`"currency":`)
		e.String(m.Currency)
	}
	if !e.IsRequest() {
		e.Members(start, wire.Members(m.Extra))
	}
	e.EndObject()
}

func (m *Money) encodeAmount(e *wire.Encoder) {
	if m.number && !e.IsRequest() {
		e.Number(json.Number(m.Amount))
		return
	}
	e.String(m.Amount)
}

// MarshalText implements [encoding.TextMarshaler]: "12.50 USD", with the text of
// Amount and Currency as they are, which [Money.UnmarshalText] reads back
// exactly. The zero Money is empty text; what is not a valid amount is an
// [*AmountError]. Extra is left out.
func (m Money) MarshalText() ([]byte, error) {
	if m.Amount == "" && m.Currency == "" {
		return []byte{}, nil
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return []byte(m.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler] for what
// [Money.MarshalText] writes and [ParseMoney] reads.
func (m *Money) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = Money{}
		return nil
	}
	parsed, err := ParseMoney(string(text))
	if err != nil {
		return err
	}
	if _, currency, found := strings.Cut(string(text), " "); found {
		parsed.Currency = currency // in its own case
	}
	*m = parsed
	return nil
}

// Value implements [driver.Valuer]: the text of [Money.MarshalText], NULL for
// the zero Money.
func (m Money) Value() (driver.Value, error) {
	text, err := m.MarshalText()
	if err != nil {
		return nil, err
	}
	return textValue(string(text)), nil
}

// Scan implements [database/sql.Scanner] for the text of [Money.MarshalText].
// NULL is the zero Money. A number without a currency is refused, unless it is
// text: that is US dollars, as in [ParseMoney].
func (m *Money) Scan(src any) error { return scanText(src, m.UnmarshalText) }

// GobEncode implements [encoding/gob.GobEncoder].
func (m Money) GobEncode() ([]byte, error) { return wire.Marshal(&m) }

// GobDecode implements [encoding/gob.GobDecoder].
func (m *Money) GobDecode(data []byte) error { return wire.UnmarshalJSON(data, m) }

// MarshalJSON implements [json.Marshaler].
func (m Money) MarshalJSON() ([]byte, error) { return wire.Marshal(&m) }

// UnmarshalJSON implements [json.Unmarshaler].
func (m *Money) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, m) }
