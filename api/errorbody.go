package api

import (
	"bytes"
	"log/slog"
	"maps"
	"unicode/utf8"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// ErrorBody is the JSON of a Dwolla error, and of an OAuth error of the token
// endpoint (RFC 6749 section 5.2). No shape of a member makes decoding fail: a
// member that is not what it should be is in Extra.
type ErrorBody struct {
	Code     string // see Code for how to compare it
	Message  string // for people; may name ids and values of the request
	Links    ErrorLinks
	Embedded ErrorEmbedded

	OAuthError       string // error
	OAuthDescription string // error_description

	// Extra holds every other member.
	Extra Extra
}

// ErrorLinks are the relations of an error.
type ErrorLinks struct {
	// About leads to what the error is about: of DuplicateResource, to the
	// resource that exists.
	About Link[Object]
	// Extra holds every other relation.
	Extra Extra
}

// ErrorEmbedded is what is embedded in an error.
type ErrorEmbedded struct {
	// Errors are the errors of single fields.
	Errors []FieldError
	// Extra holds every other member.
	Extra Extra

	single bool // errors was one object, not a list
}

// FieldError says what is wrong with one field of a request, or with one
// resource.
type FieldError struct {
	Code    string // see Code for how to compare it
	Message string // for people; may name values of the request
	Path    string // JSON pointer into the request (RFC 6901); may be empty
	Links   Links
	// Extra holds every other member.
	Extra Extra
}

// ParseErrorBody decodes data, leniently. It reports false where data is not
// one JSON object, or one that says nothing of an error.
func ParseErrorBody(data []byte) (ErrorBody, bool) {
	if !utf8.Valid(data) { // a message in another charset must not hide the code
		data = bytes.ToValidUTF8(data, []byte("\uFFFD"))
	}
	var b ErrorBody
	if err := wire.Unmarshal(data, &b); err != nil {
		return ErrorBody{}, false
	}
	said := b.Code != "" || b.Message != "" || b.OAuthError != "" || !b.Embedded.IsZero()
	return b, said
}

// maxNesting bounds how deep FieldErrors looks, against a body made to be slow.
const maxNesting = 8

// FieldErrors returns every field error of the body: those of
// Embedded.Errors, each followed by the ones that Dwolla nested in it.
func (b ErrorBody) FieldErrors() []FieldError { return b.Embedded.collect(nil, maxNesting) }

func (m ErrorEmbedded) collect(found []FieldError, depth int) []FieldError {
	for _, field := range m.Errors {
		found = append(found, field)
		found = collectNested(field.Extra, found, depth)
	}
	if own := m.own(); own.Code != "" || own.Message != "" {
		found = append(found, own)
	}
	return collectNested(m.Extra, found, depth)
}

// own is the error that some published schemas show directly under _embedded,
// in place of the list.
func (m ErrorEmbedded) own() FieldError {
	var own FieldError
	own.fill(maps.Clone(m.Extra))
	return own
}

func collectNested(extra Extra, found []FieldError, depth int) []FieldError {
	raw, ok := extra["_embedded"]
	if !ok || depth == 0 {
		return found
	}
	var nested ErrorEmbedded
	if wire.UnmarshalJSON(raw, &nested) != nil {
		return found
	}
	return nested.collect(found, depth-1)
}

// LogValue logs the code and the number of field errors; messages may hold
// personal data.
func (b ErrorBody) LogValue() slog.Value {
	code := b.Code
	if code == "" {
		code = b.OAuthError
	}
	return slog.GroupValue(slog.String("code", code), slog.Int("fields", len(b.Embedded.Errors)))
}

// LogValue logs the code and the path; the message may hold personal data.
func (f FieldError) LogValue() slog.Value {
	return slog.GroupValue(slog.String("code", f.Code), slog.String("path", f.Path))
}

// IsZero reports whether the error body has no members.
func (b ErrorBody) IsZero() bool {
	return b.Code == "" && b.Message == "" && b.Links.IsZero() && b.Embedded.IsZero() &&
		b.OAuthError == "" && b.OAuthDescription == "" && len(b.Extra) == 0
}

// IsZero reports whether there is no relation.
func (l ErrorLinks) IsZero() bool { return l.About.isEmpty() && len(l.Extra) == 0 }

// IsZero reports whether nothing is embedded.
func (m ErrorEmbedded) IsZero() bool { return len(m.Errors) == 0 && len(m.Extra) == 0 }
