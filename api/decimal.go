package api

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

const (
	maxIntegerDigits = 20
	maxDecimals      = 18
)

// maxSmall is how many digits fit an int64 whatever they are.
const maxSmall = 18

// decimal is an exact decimal number: unscaled / 10^scale. Nearly all amounts
// fit an int64; what does not is a big.Int.
type decimal struct {
	small int64
	large *big.Int // instead of small, if not nil
	scale int
}

// parseDecimal reads -?digits(.digits)? without needless leading zeros and
// within the digit limits.
func parseDecimal(s string) (decimal, error) {
	if s == "" {
		return decimal{}, &AmountError{Reason: "empty"}
	}
	integer, fraction, hasPoint := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	switch {
	case !isDigits(integer), hasPoint && !isDigits(fraction):
		return decimal{}, &AmountError{Reason: "not a plain decimal number"}
	case len(integer) > 1 && integer[0] == '0':
		return decimal{}, &AmountError{Reason: "leading zero"}
	case len(integer) > maxIntegerDigits:
		return decimal{}, &AmountError{Reason: "too many digits"}
	case len(fraction) > maxDecimals:
		return decimal{}, &AmountError{Reason: "too many decimals"}
	}
	d := decimal{scale: len(fraction)}
	if len(integer)+len(fraction) <= maxSmall {
		d.small = digitsOf(digitsOf(0, integer), fraction)
	} else {
		d.large, _ = new(big.Int).SetString(integer+fraction, 10) // digits only, as checked
	}
	if s[0] == '-' {
		d = d.neg()
	}
	return d, nil
}

// digitsOf appends digits to the decimal digits of n.
func digitsOf(n int64, digits string) int64 {
	for i := range len(digits) {
		n = n*10 + int64(digits[i]-'0')
	}
	return n
}

// unscaled returns the number without its point. It is not to be changed.
func (d decimal) unscaled() *big.Int {
	if d.large != nil {
		return d.large
	}
	return big.NewInt(d.small)
}

func (d decimal) sign() int {
	if d.large != nil {
		return d.large.Sign()
	}
	return cmp.Compare(d.small, 0)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// decimalOf returns unscaled / 10^scale.
func decimalOf(unscaled int64, scale int) decimal {
	return decimal{small: unscaled, scale: scale}
}

// at returns the unscaled number at a scale that is not smaller than d.scale.
func (d decimal) at(scale int) *big.Int {
	if scale == d.scale {
		return d.unscaled()
	}
	return new(big.Int).Mul(d.unscaled(), powerOfTen(scale-d.scale))
}

func (d decimal) add(e decimal) decimal {
	if d.large == nil && e.large == nil && d.scale == e.scale {
		if sum := d.small + e.small; (sum > d.small) == (e.small > 0) { // no overflow
			return decimal{small: sum, scale: d.scale}
		}
	}
	scale := max(d.scale, e.scale)
	return decimal{large: new(big.Int).Add(d.at(scale), e.at(scale)), scale: scale}
}

func (d decimal) neg() decimal {
	if d.large == nil && d.small != math.MinInt64 {
		return decimal{small: -d.small, scale: d.scale}
	}
	return decimal{large: new(big.Int).Neg(d.unscaled()), scale: d.scale}
}

func (d decimal) cmp(e decimal) int {
	if d.large == nil && e.large == nil && d.scale == e.scale {
		return cmp.Compare(d.small, e.small)
	}
	scale := max(d.scale, e.scale)
	return d.at(scale).Cmp(e.at(scale))
}

// rescale returns the unscaled number at any scale, and whether that is exact.
func (d decimal) rescale(scale int) (*big.Int, bool) {
	if scale >= d.scale {
		return d.at(scale), true
	}
	quotient, rest := new(big.Int).QuoRem(d.unscaled(), powerOfTen(d.scale-scale), new(big.Int))
	return quotient, rest.Sign() == 0
}

// String writes d with as many decimals as its scale.
func (d decimal) String() string {
	var buffer [48]byte
	var digits []byte
	if d.large != nil {
		digits = d.large.Append(buffer[:0], 10)
	} else {
		digits = strconv.AppendInt(buffer[:0], d.small, 10)
	}
	sign := 0
	if digits[0] == '-' {
		sign = 1
	}
	for len(digits)-sign < d.scale+1 {
		digits = slices.Insert(digits, sign, '0')
	}
	if d.scale > 0 {
		digits = slices.Insert(digits, len(digits)-d.scale, '.')
	}
	return string(digits)
}

func powerOfTen(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
