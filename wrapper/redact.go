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

// personal are the members of requests whose values must not get into a log through an error of Dwolla's: identity,
// account numbers and credentials.
var personal = []string{
	"firstName", "lastName", "businessName", "doingBusinessAs", "email", "phone", "ipAddress", "website",
	"dateOfBirth", "ssn", "ein", "number", "address1", "address2", "address3", "city", "postalCode",
	"accountNumber", "routingNumber", "plaidToken", "processorToken", "availableConnectionToken", "token", "secret",
}

// redactError removes secrets from the texts of an error: Dwolla, or a proxy before it, may repeat what it was sent.
// Error.Body keeps them.
func redactError(err *Error, secrets []string) {
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

// mask replaces secrets and long numbers in a text.
func mask(text string, secrets []string) string {
	for _, s := range secrets {
		if len(s) > 2 {
			text = strings.ReplaceAll(text, s, redacted)
		}
	}
	return maskNumbers(text)
}

// secretsOf returns the values of a request that mask replaces, the longest first, since one may be part of another.
func secretsOf(authorization string, body *requestBody) []string {
	found := credentials(authorization)
	if body != nil {
		var sent any
		if json.Unmarshal(body.bytes, &sent) == nil {
			collectPersonal(sent, func(s string) { found = append(found, s) })
		}
	}
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	return found
}

// credentials returns what an Authorization header holds, in each encoding.
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

// collectPersonal adds the values of personal members, at any depth.
func collectPersonal(v any, add func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if s, ok := member.(string); ok && slices.Contains(personal, name) {
				add(s)
				continue
			}
			collectPersonal(member, add)
		}
	case []any:
		for _, element := range v {
			collectPersonal(element, add)
		}
	}
}

// maskNumbers replaces numbers that are as long as an SSN or an account number, with or without hyphens.
func maskNumbers(text string) string {
	const digits = 9 // of an SSN and of a routing number
	var out strings.Builder
	for text != "" {
		start := strings.IndexAny(text, "0123456789")
		if start < 0 {
			break
		}
		n, count := start, 0
		for n < len(text) && (isDigits(text[n:n+1]) || text[n] == '-' && n+1 < len(text) && isDigits(text[n+1:n+2])) {
			if text[n] != '-' {
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

// standsAlone reports whether text[start:end] is not part of a word, as it is in an id in hex.
func standsAlone(text string, start, end int) bool {
	letter := func(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '_' }
	return (start == 0 || !letter(text[start-1])) && (end == len(text) || !letter(text[end]))
}

// A maskedError is an error whose text has been redacted.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }

// Unwrap returns the original error, for errors.Is.
func (e *maskedError) Unwrap() error { return e.err }

// withoutUserinfo redacts the user and password of every URL in the text of an error.
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

// A secret is a text that neither package fmt nor a dump by reflection shows, since it is inside a function.
type secret func() string

func newSecret(s string) secret { return func() string { return s } }

// reveal returns the text, for a header.
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

// write writes the text of a Format method.
func write(s fmt.State, text string) { _, _ = io.WriteString(s, text) } // fmt writes to memory

// bounded cuts a text of another party, so that it cannot fill a log.
func bounded(s string) string {
	const most = 512
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// plainCause removes the URL from an error of net/http: it may hold ids, and the password of a proxy.
func plainCause(err error) error {
	for {
		u, ok := errors.AsType[*url.Error](err)
		if !ok {
			return withoutUserinfo(err)
		}
		err = u.Err
	}
}
