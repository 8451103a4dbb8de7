package api

import (
	"math/big"
	"strings"
)

const (
	maxIntegerDigits = 20
	maxDecimals      = 18
)

// decimal is an exact decimal number: unscaled / 10^scale.
type decimal struct {
	unscaled *big.Int
	scale    int
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
	unscaled, _ := new(big.Int).SetString(integer+fraction, 10) // digits only, as checked
	if s[0] == '-' {
		unscaled.Neg(unscaled)
	}
	return decimal{unscaled: unscaled, scale: len(fraction)}, nil
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
	return decimal{unscaled: big.NewInt(unscaled), scale: scale}
}

// at returns the unscaled number at a scale that is not smaller than d.scale.
func (d decimal) at(scale int) *big.Int {
	if scale == d.scale {
		return d.unscaled
	}
	return new(big.Int).Mul(d.unscaled, powerOfTen(scale-d.scale))
}

func (d decimal) add(e decimal) decimal {
	scale := max(d.scale, e.scale)
	return decimal{unscaled: new(big.Int).Add(d.at(scale), e.at(scale)), scale: scale}
}

func (d decimal) neg() decimal {
	return decimal{unscaled: new(big.Int).Neg(d.unscaled), scale: d.scale}
}

func (d decimal) cmp(e decimal) int {
	scale := max(d.scale, e.scale)
	return d.at(scale).Cmp(e.at(scale))
}

// rescale returns the unscaled number at any scale, and whether that is exact.
func (d decimal) rescale(scale int) (*big.Int, bool) {
	if scale >= d.scale {
		return d.at(scale), true
	}
	quotient, rest := new(big.Int).QuoRem(d.unscaled, powerOfTen(d.scale-scale), new(big.Int))
	return quotient, rest.Sign() == 0
}

// String writes d with as many decimals as its scale.
func (d decimal) String() string {
	digits := new(big.Int).Abs(d.unscaled).String()
	if missing := d.scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	text := digits
	if d.scale > 0 {
		point := len(digits) - d.scale
		text = digits[:point] + "." + digits[point:]
	}
	if d.unscaled.Sign() < 0 {
		text = "-" + text
	}
	return text
}

func powerOfTen(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
