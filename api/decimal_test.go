package api_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

func TestMoneyResultsKeepTheDigitLimit(t *testing.T) {
	largest := usd(strings.Repeat("9", 20))
	_, err := largest.Add(usd("1"))
	equal(t, reason(err), "too many digits")

	back, err := api.Sum(largest, usd("1"), usd("-1"))
	equal(t, err, nil)
	equal(t, back, largest)
}

// rational is the amount by the measure of math/big.
func rational(t *testing.T, m api.Money) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(m.Amount)
	if !ok {
		t.Fatalf("math/big cannot read %q", m.Amount)
	}
	return r
}

func FuzzMoneyArithmetic(f *testing.F) {
	f.Add("0.1", "0.2")
	f.Add("-0", "0.000")
	f.Add("99999999999999999999", "0.999999999999999999")
	f.Add("92233720368547758.07", "-92233720368547758.08")
	f.Fuzz(func(t *testing.T, a, b string) {
		m, n := usd(a), usd(b)
		if m.Validate() != nil || n.Validate() != nil {
			return
		}
		x, y := rational(t, m), rational(t, n)

		order, err := m.Cmp(n)
		if err != nil || order != x.Cmp(y) || m.Equal(n) != (order == 0) {
			t.Fatalf("%v Cmp %v = %d, %v", m, n, order, err)
		}
		sign, err := m.Sign()
		if err != nil || sign != x.Sign() {
			t.Fatalf("%v Sign = %d, %v", m, sign, err)
		}

		check := func(what string, got api.Money, err error, want *big.Rat) {
			t.Helper()
			if err != nil {
				limit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil))
				if new(big.Rat).Abs(want).Cmp(limit) < 0 {
					t.Fatalf("%s: %v", what, err)
				}
				return
			}
			if rational(t, got).Cmp(want) != 0 || got.Validate() != nil {
				t.Fatalf("%s = %v, want %v", what, got, want.FloatString(18))
			}
		}
		sum, err := m.Add(n)
		check("sum", sum, err, new(big.Rat).Add(x, y))
		total, err := api.Sum(m, n)
		check("total", total, err, new(big.Rat).Add(x, y))
		difference, err := m.Sub(n)
		check("difference", difference, err, new(big.Rat).Sub(x, y))
		neg, err := m.Neg()
		check("neg", neg, err, new(big.Rat).Neg(x))

		hundredfold := new(big.Rat).Mul(x, big.NewRat(100, 1))
		cents, err := m.Cents()
		if exact := hundredfold.IsInt() && hundredfold.Num().IsInt64(); exact != (err == nil) {
			t.Fatalf("%v Cents = %d, %v", m, cents, err)
		} else if exact && !api.USDCents(cents).Equal(m) {
			t.Fatalf("%v Cents = %d", m, cents)
		}
	})
}

func BenchmarkMoneyAdd(b *testing.B) {
	b.ReportAllocs()
	m, n := usd("1234567.89"), usd("0.11")
	for b.Loop() {
		if _, err := m.Add(n); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSum adds up a mass payment of the largest size that Dwolla takes.
func BenchmarkSum(b *testing.B) {
	b.ReportAllocs()
	amounts := make([]api.Money, 5000)
	for i := range amounts {
		amounts[i] = api.USDCents(int64(i) + 1)
	}
	for b.Loop() {
		if _, err := api.Sum(amounts...); err != nil {
			b.Fatal(err)
		}
	}
}
