package dwollatest

import (
	"encoding/json"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
)

// A jsonObject is a JSON object. Of one that was sent, a member of another type than expected reads as missing; the
// contract check has reported it by then.
type jsonObject map[string]any

// has reports whether there is a member that is not empty.
func (f jsonObject) has(name string) bool { return f[name] != nil && f[name] != "" }

// sets reports whether there is a member, also one that is "", which removes what it names from a Customer.
func (f jsonObject) sets(name string) bool { return f[name] != nil }

func (f jsonObject) text(name string) string {
	text, _ := f[name].(string)
	return text
}

func (f jsonObject) object(name string) jsonObject {
	inner, _ := f[name].(map[string]any)
	return inner
}

func (f jsonObject) list(name string) []jsonObject {
	entries, _ := f[name].([]any)
	out := make([]jsonObject, 0, len(entries))
	for _, entry := range entries {
		inner, _ := entry.(map[string]any)
		out = append(out, inner)
	}
	return out
}

// amount returns an amount; one that cannot be read is empty.
func (f jsonObject) amount(name string) (out amount) {
	if json.Unmarshal(encode(f[name]), &out) != nil {
		return amount{}
	}
	return out
}

// href returns the target of a relation.
func (f jsonObject) href(rel string) string {
	return f.object("_links").object(rel).text("href")
}

// A rule is about the text of one member, if it is present.
type rule struct {
	member string
	broken func(path, text string) (fieldError, bool)
}

// invalidUnless refuses a text that is not valid.
func invalidUnless(valid func(string) bool) func(path, text string) (fieldError, bool) {
	return func(path, text string) (fieldError, bool) {
		return invalid(path, nameOf(path)+" invalid."), !valid(text)
	}
}

// check holds members against rules that the contract cannot state. Paths begin with the prefix.
func (f jsonObject) check(prefix string, rules ...rule) []fieldError {
	var out []fieldError
	for _, r := range rules {
		if value := f.text(r.member); value != "" {
			if bad, found := r.broken(prefix+"/"+r.member, value); found {
				out = append(out, bad)
			}
		}
	}
	return out
}

// postalBox finds a PO box in its spellings, anywhere in a street: "P.O. Box 3", "POB 3", "Post Office Box 3".
var postalBox = regexp.MustCompile(`(?i)\b(p[\s./-]*o[\s./-]*bo?x(\b|\d)|p[\s./-]*o[\s./-]*b[\s.]*(#|no\b|\d)|post(al)?[\s.-]*(off(ice|\.)?)?[\s.]*box(\b|\d))`)

// states are the states and territories of the United States, with those of the post for the military and for the states
// in free association.
const states = " AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA " +
	"RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI AA AE AP FM MH PW "

// isState reports whether two letters are those of a state. Other lengths are for the contract to refuse.
func isState(s string) bool {
	return len(s) != 2 || strings.Contains(states, " "+strings.ToUpper(s)+" ")
}

// emailRule refuses as Dwolla does.
func emailRule(path, text string) (fieldError, bool) {
	address, err := mail.ParseAddress(text)
	return invalidFormat(path, "Email invalid."), err != nil || address.Address != text
}

// routingRule refuses another length, such as that of a number that lost its leading zero, as Dwolla does.
func routingRule(path, text string) (fieldError, bool) {
	if len(text) != 9 {
		return invalidFormat(path, "Routing number must be exactly 9 characters."), true
	}
	return invalid(path, "Routing number invalid."), !isRouting(text)
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func isStreet(s string) bool { return !postalBox.MatchString(s) }

// isRouting reports whether the digits are a routing number of the Federal Reserve: the first two are a district,
// the last is a checksum.
func isRouting(s string) bool {
	if len(s) != 9 || !isDigits(s) {
		return false
	}
	if first := s[:2]; first < "01" || first > "12" && first < "21" || first > "32" {
		return false
	}
	sum := 0
	for i, weight := range [9]int{3, 7, 1, 3, 7, 1, 3, 7, 1} {
		sum += weight * int(s[i]-'0')
	}
	return sum%10 == 0
}

// onlyDigits drops the dashes that some identifiers are written with.
func onlyDigits(s string) string { return strings.ReplaceAll(s, "-", "") }
