package dwollatest

import (
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// form is a JSON object that was sent, read member by member. A member of another type than expected reads as
// missing; the contract has complained about it by then.
type form map[string]any

func (f form) has(name string) bool {
	_, present := f[name]
	return present
}

func (f form) text(name string) string {
	text, _ := f[name].(string)
	return text
}

func (f form) object(name string) form {
	inner, _ := f[name].(map[string]any)
	return inner
}

func (f form) list(name string) []form {
	entries, _ := f[name].([]any)
	out := make([]form, 0, len(entries))
	for _, entry := range entries {
		inner, _ := entry.(map[string]any)
		out = append(out, inner)
	}
	return out
}

// href returns the target of a relation.
func (f form) href(rel string) string {
	return f.object("_links").object(rel).text("href")
}

// field is a rule about one member of a form.
type field struct {
	name    string
	label   string // how messages call it
	needed  bool
	max     int
	pattern *regexp.Regexp
	valid   func(string) bool
}

// The shapes of the documented fields.
var (
	nameShape   = regexp.MustCompile("^[^<>=\"`!?%~${}\\\\]*$")
	cityShape   = regexp.MustCompile("^[^0-9<>=\"`!?%~${}\\\\]*$")
	stateShape  = regexp.MustCompile(`^[A-Z]{2}$`)
	zipShape    = regexp.MustCompile(`^[0-9]{5}(-[0-9]{4})?$`)
	phoneShape  = regexp.MustCompile(`^[0-9]{10}$`)
	ssnShape    = regexp.MustCompile(`^([0-9]{3}-?[0-9]{2}-?)?[0-9]{4}$`)
	einShape    = regexp.MustCompile(`^[0-9]{2}-?[0-9]{7}$`)
	labelShape  = regexp.MustCompile(`^[A-Za-z0-9._-]{1,255}$`)
	postalBox   = regexp.MustCompile(`(?i)^\s*p\.?\s*o\.?\s*box\b`)
	digitsShape = regexp.MustCompile(`^[0-9]{4,17}$`)
)

// check holds the fields of f against their rules. Pointers are prefixed for nested objects.
func (f form) check(prefix string, fields ...field) []problem {
	var out []problem
	for _, rule := range fields {
		path, value := prefix+"/"+rule.name, f.text(rule.name)
		switch {
		case value == "" && rule.needed:
			out = append(out, required(path, rule.label))
		case value == "":
		case rule.max > 0 && utf8.RuneCountInString(value) > rule.max,
			rule.pattern != nil && !rule.pattern.MatchString(value):
			out = append(out, invalidFormat(path, rule.label+" has an invalid format."))
		case rule.valid != nil && !rule.valid(value):
			out = append(out, invalid(path, rule.label+" invalid."))
		}
	}
	return out
}

func isEmail(s string) bool {
	address, err := mail.ParseAddress(s)
	return err == nil && address.Address == s
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func isStreet(s string) bool { return !postalBox.MatchString(s) }

// isRouting reports whether the digits are a routing number of the Federal Reserve: the first two name a district,
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
