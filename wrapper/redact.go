package dwolla

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const redacted = "[redacted]"

// personal are the members of requests whose values Dwolla must not repeat to a log: who somebody is, where the money
// lies, and what opens a door.
var personal = []string{
	"firstName", "lastName", "businessName", "doingBusinessAs", "email", "phone", "ipAddress", "website",
	"dateOfBirth", "ssn", "ein", "number", "address1", "address2", "address3", "city", "postalCode",
	"accountNumber", "routingNumber", "plaidToken", "processorToken", "availableConnectionToken", "token", "secret",
}

// hide takes out of the texts of an answer what the request carried and no log may hold: Dwolla, or a proxy before it,
// may write back what it was sent. Body keeps it.
func (e *pendingCall) hide(err *Error, authorization string) {
	secrets := e.secrets(authorization)
	clean := func(text string) string { return bounded(mask(text, secrets)) }
	err.Code, err.Message, err.RequestID = Code(clean(string(err.Code))), clean(err.Message), clean(err.RequestID)
	for i := range err.Fields {
		f := &err.Fields[i]
		f.Code, f.Message, f.Path = clean(f.Code), clean(f.Message), clean(f.Path)
		for member, raw := range f.Extra {
			if text := string(raw); mask(text, secrets) != text {
				f.Extra[member] = json.RawMessage(strconv.Quote(redacted))
			}
		}
	}
	if err.Err != nil {
		if text := err.Err.Error(); clean(text) != text {
			err.Err = &maskedError{text: clean(text), err: err.Err}
		}
	}
}

func mask(text string, secrets []string) string {
	for _, s := range secrets {
		if len(s) > 2 {
			text = strings.ReplaceAll(text, s, redacted)
		}
	}
	return maskNumbers(text)
}

// secrets are the values of the request that mask looks for, the longest first: one may be part of another.
func (e *pendingCall) secrets(authorization string) []string {
	found := credentials(authorization)
	if e.body != nil {
		var body any
		if json.Unmarshal(e.body.bytes, &body) == nil {
			collect(body, func(s string) { found = append(found, s) })
		}
	}
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	return found
}

// credentials are what an Authorization holds, in every form that it has on the way.
func credentials(authorization string) []string {
	_, credential, ok := strings.Cut(authorization, " ")
	if !ok {
		return nil
	}
	found := []string{credential}
	if pair, err := base64.StdEncoding.DecodeString(credential); err == nil {
		_, password, _ := strings.Cut(string(pair), ":")
		plain, _ := url.QueryUnescape(password)
		found = append(found, password, plain)
	}
	return found
}

func collect(v any, add func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if s, ok := member.(string); ok && slices.Contains(personal, name) {
				add(s)
				continue
			}
			collect(member, add)
		}
	case []any:
		for _, element := range v {
			collect(element, add)
		}
	}
}

// maskNumbers hides numbers as long as those of people and of accounts, hyphens within them or not.
func maskNumbers(text string) string {
	const digits = 9 // of an SSN and of a routing number
	var out strings.Builder
	for text != "" {
		start := strings.IndexAny(text, "0123456789")
		if start < 0 {
			break
		}
		n, count := start, 0
		for n < len(text) && (isDigit(text[n]) || text[n] == '-' && n+1 < len(text) && isDigit(text[n+1])) {
			if isDigit(text[n]) {
				count++
			}
			n++
		}
		out.WriteString(text[:start])
		if standsAlone(text, start, n) && count >= digits {
			out.WriteString(redacted)
		} else {
			out.WriteString(text[start:n])
		}
		text = text[n:]
	}
	return out.String() + text
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// standsAlone reports whether text[start:end] is not part of a word, such as an id in hex.
func standsAlone(text string, start, end int) bool {
	letter := func(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '_' }
	return (start == 0 || !letter(text[start-1])) && (end == len(text) || !letter(text[end]))
}

// A maskedError has the text of an error without what no log may hold.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }

// Unwrap lets errors.Is see what it was.
func (e *maskedError) Unwrap() error { return e.err }

// withoutUserinfo hides the user and password of any URL in an error's text.
func withoutUserinfo(err error) error {
	text := err.Error()
	clean := text
	for at := 0; ; {
		i := strings.Index(clean[at:], "//")
		if i < 0 {
			break
		}
		at += i + len("//")
		end := at + len(clean[at:])
		if stop := strings.IndexAny(clean[at:], " \"'/?#"); stop >= 0 {
			end = at + stop
		}
		if user := strings.LastIndexByte(clean[at:end], '@'); user >= 0 {
			clean = clean[:at] + redacted + clean[at+user:]
		}
	}
	if clean == text {
		return err
	}
	return &maskedError{text: clean, err: err}
}

// A secret is a text that nothing shows, neither package fmt nor a dump by reflection: it is inside a function.
type secret func() string

func newSecret(s string) secret { return func() string { return s } }

// reveal gives the text, for the header that it goes into.
func (s secret) reveal() string {
	if s == nil {
		return ""
	}
	return s()
}

// Format implements fmt.Formatter.
func (secret) Format(s fmt.State, _ rune) { write(s, redacted) }

// LogValue implements slog.LogValuer.
func (secret) LogValue() slog.Value { return slog.StringValue(redacted) }

func write(s fmt.State, text string) { _, _ = io.WriteString(s, text) } // fmt writes to memory

// bounded keeps a foreign text from filling a log line.
func bounded(s string) string {
	const most = 512
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// plainCause takes the URL out of an error of net/http: it may hold ids, and the password of a proxy.
func plainCause(err error) error {
	for {
		u, ok := errors.AsType[*url.Error](err)
		if !ok {
			return withoutUserinfo(err)
		}
		err = u.Err
	}
}
