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
	"unicode"
	"unicode/utf8"

	"github.com/dwolla-go/dwolla-go/gen"
	"github.com/dwolla-go/dwolla-go/internal/redact"
)

const redacted = redact.Mask

// secrets are the texts of a request that its error must not repeat: Dwolla, or a proxy before it, may.
type secrets struct {
	credentials []string
	personal    []string // values of the body and of the query
	path        string   // of the URL
}

// redactError masks what an error repeats of its request. Codes and pointers decide what programs do, so that a customer's
// name changes none. Error.Body keeps everything.
func redactError(err *Error, s secrets) {
	control := func(text string) string { return bounded(maskCredentials(text, s.credentials)) }
	clean := func(text string) string { return bounded(s.mask(text)) }
	err.Code, err.Message, err.RequestID = Code(control(string(err.Code))), clean(err.Message), clean(err.RequestID)
	for i := range err.Fields {
		f := &err.Fields[i]
		f.Code, f.Message, f.Path = control(f.Code), clean(f.Message), control(f.Path)
		for member, raw := range f.Extra {
			if text := string(raw); s.mask(text) != text {
				f.Extra[member] = json.RawMessage(strconv.Quote(redacted))
			}
		}
	}
	err.Err = s.masked(err.Err)
}

// masked is an error whose text shows no secret.
func (s secrets) masked(err error) error {
	if err == nil {
		return nil
	}
	if text := s.causeText(err); text != err.Error() {
		return &maskedError{text: text, err: err}
	}
	return err
}

// masked masks the secrets of the call in the cause of an error of the client.
func (p *pendingCall) masked(err error) error {
	if failed, ok := errors.AsType[*Error](err); ok && failed.Err != nil {
		failed.Err = p.maskedForeign(failed.Err)
	}
	return err
}

// maskedForeign masks the secrets of the call in an error of the user's code.
func (p *pendingCall) maskedForeign(err error) error {
	return secretsOf(p.authorization, p.body, p.url).masked(err)
}

// causeText is the text of an error of a transport. Where that holds the URL of the request, it is the text of the cause,
// or the type of the error.
func (s secrets) causeText(err error) string {
	masked, again := err.(*maskedError) //nolint:errorlint // one that is wrapped is a cause like any other
	for _, text := range causes(err) {  // of one that is masked, its own
		if len(s.path) <= len("/") || !strings.Contains(text, s.path) {
			return bounded(s.mask(text))
		}
	}
	if again {
		err = masked.err
	}
	if e, ok := err.(*foreignError); ok { //nolint:errorlint // as above
		if len(e.nodes) == 0 {
			return e.text
		}
		err = e.nodes[0]
	}
	return fmt.Sprintf("%T, whose text is left out since it holds the URL", err)
}

// mask replaces credentials, personal values and long numbers in a text.
func (s secrets) mask(text string) string {
	text = maskCredentials(text, s.credentials)
	for _, value := range s.personal {
		text = maskWord(text, value)
	}
	return maskNumbers(text)
}

// maskCredentials replaces credentials, also within a longer word.
func maskCredentials(text string, credentials []string) string {
	for _, s := range credentials {
		if len(s) > 2 {
			text = strings.ReplaceAll(text, s, redacted)
		}
	}
	return text
}

// maskWord replaces value in a text, in any case, where it is not part of a longer word: Ann is not in Annual.
func maskWord(text, value string) string {
	if len(value) <= 2 {
		return text
	}
	var out strings.Builder
	copied := 0
	for at := 0; at < len(text); {
		n, found := foldedPrefix(text[at:], value)
		if found && !inWord(text, at) && !inWord(text, at+n) {
			out.WriteString(text[copied:at] + redacted)
			at += n
			copied = at
			continue
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return out.String() + text[copied:]
}

// foldedPrefix returns how much of text is value, in any case, if text begins with it.
func foldedPrefix(text, value string) (n int, found bool) {
	for _, want := range value {
		got, size := utf8.DecodeRuneInString(text[n:])
		if size == 0 || unicode.ToLower(got) != unicode.ToLower(want) {
			return 0, false
		}
		n += size
	}
	return n, true
}

// inWord reports whether a word goes on at text[at:].
func inWord(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at:])
	letter := func(r rune) bool {
		return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
	}
	return letter(before) && letter(after)
}

// secretsOf returns the secrets of a request. The longest come first, since one may be part of another.
func secretsOf(authorization string, body *requestBody, u *url.URL) secrets {
	s := secrets{credentials: credentials(authorization)}
	add := func(value string) { s.personal = append(s.personal, value) }
	if body != nil {
		var sent any
		if json.Unmarshal(body.bytes, &sent) == nil {
			collectPersonal(sent, add)
		}
	}
	if u != nil {
		s.path = u.EscapedPath()
		for _, values := range u.Query() {
			for _, value := range values {
				add(value)
				add(url.QueryEscape(value))
				add(url.PathEscape(value))
			}
		}
	}
	longest := func(a, b string) int { return len(b) - len(a) }
	slices.SortFunc(s.credentials, longest)
	slices.SortFunc(s.personal, longest)
	return s
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

// collectPersonal adds the values of personal members, at any depth: an error of Dwolla's may repeat them.
func collectPersonal(v any, add func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if s, ok := member.(string); ok && gen.IsPersonal(name) {
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

// A maskedError is an error whose text has been redacted. It has no Unwrap, by which a reporter of errors would get to the
// text as it was.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return oneLine(e.text) }

// Format writes the error's text for every verb.
func (e *maskedError) Format(s fmt.State, _ rune) { write(s, e.Error()) }

// Is reports whether the original error is another one.
func (e *maskedError) Is(target error) bool { return errors.Is(e.err, target) }

// As finds what the original error wraps.
func (e *maskedError) As(target any) bool { return errors.As(e.err, target) }

// withoutUserinfo redacts the user and password of every URL in a text.
func withoutUserinfo(clean string) string {
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
	return clean
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

// oneLine puts a space in place of what would begin another line of a log, or change how the rest of the line is shown.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, s)
}
