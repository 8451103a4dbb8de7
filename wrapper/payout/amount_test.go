package payout

import "testing"

func TestTheFormToWriteIsNamedWhereOneAmountCanBeMeant(t *testing.T) {
	for written, want := range map[string]string{
		"1,250.00": "1250.00", "1,250,000.5": "1250000.50", "$5": "5.00", "$5.50": "5.50", "US$ 5.50": "5.50", "5 USD": "5.00", "USD 12.5": "12.50",
		"5,00": "5.00", "5,5": "5.50", "1.250,00": "1250.00", "1 250,00": "1250.00", "1\u00a0250.00": "1250.00", "1'250.00": "1250.00",
		"007.50": "7.50", "0,05": "0.05", "1.250.000": "1250000.00", "5.00 $": "5.00", ".5": "",
		// What may be meant is not certain.
		"1,250": "", "1.250": "", "12,50,00": "", "five": "", "": "", "-5": "", "(5.00)": "", "5.00.00": "", "1e3": "", "5 EUR": "", "€5": "", "0": "", "0,00": "",
		"1,25.00": "", "99999999999999999999": "",
	} {
		if got := plainAmount(written); got != want {
			t.Errorf("%q: %q, not %q", written, got, want)
		}
	}
}
