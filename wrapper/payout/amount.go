package payout

import (
	"regexp"
	"strings"

	"github.com/dwolla-go/dwolla-go/api"
)

// Amounts as people and spreadsheets write them: with a sign of the currency, and with commas, points, spaces or
// apostrophes between thousands or before the cents.
var (
	currencySign  = regexp.MustCompile(`(?i)^(us)?\$|\$$|^usd|usd$`)
	pointForCents = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})*\.[0-9]{1,2}$|^[0-9]+\.[0-9]{1,2}$`)
	commaForCents = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{3})*,[0-9]{1,2}$|^[0-9]+,[0-9]{1,2}$`)
	wholeDollars  = regexp.MustCompile(`^[0-9]+$|^[0-9]{1,3}(,[0-9]{3}){2,}$|^[0-9]{1,3}(\.[0-9]{3}){2,}$`)
	thousandsGap  = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "\u2019", "")
)

// plainAmount is the form in which an amount has to be written, if there is only one that can be meant: 1,250 may be 1250
// dollars or a dollar and a quarter.
func plainAmount(s string) string {
	s = thousandsGap.Replace(s)
	s = currencySign.ReplaceAllString(currencySign.ReplaceAllString(s, ""), "")
	switch {
	case pointForCents.MatchString(s):
		s = strings.ReplaceAll(s, ",", "")
	case commaForCents.MatchString(s):
		s = strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), ",", ".")
	case wholeDollars.MatchString(s):
		s = strings.NewReplacer(",", "", ".", "").Replace(s)
	default:
		return ""
	}
	s = strings.TrimLeft(s, "0")
	if s == "" || s[0] == '.' {
		s = "0" + s
	}
	cents, err := (api.Money{Amount: s, Currency: "USD"}).Cents()
	if err != nil || cents <= 0 {
		return ""
	}
	return api.USDCents(cents).Amount
}
