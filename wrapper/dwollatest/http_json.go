package dwollatest

import (
	"net/mail"
	"net/url"
	"regexp"
	"strings"
)

// A jsonObject is a JSON object. Of one that was sent, a member of another type than expected reads as missing; the
// contract check has reported it by then.
type jsonObject map[string]any

func (f jsonObject) has(name string) bool {
	_, present := f[name]
	return present
}

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

// href returns the target of a relation.
func (f jsonObject) href(rel string) string {
	return f.object("_links").object(rel).text("href")
}

// A rule is about the text of one member, if it is present.
type rule struct {
	member string
	valid  func(string) bool
}

// check holds members against rules that the contract cannot state. Paths begin with the prefix.
func (f jsonObject) check(prefix string, rules ...rule) []fieldError {
	var out []fieldError
	for _, r := range rules {
		if value := f.text(r.member); value != "" && !r.valid(value) {
			path := prefix + "/" + r.member
			out = append(out, invalid(path, nameOf(path)+" invalid."))
		}
	}
	return out
}

var postalBox = regexp.MustCompile(`(?i)^\s*p\.?\s*o\.?\s*box\b`)

func isEmail(s string) bool {
	address, err := mail.ParseAddress(s)
	return err == nil && address.Address == s
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
