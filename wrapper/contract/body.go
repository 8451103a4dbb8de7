package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	mediaJSON      = "application/json"
	mediaHAL       = "application/vnd.dwolla.v1.hal+json"
	mediaForm      = "application/x-www-form-urlencoded"
	mediaMultipart = "multipart/form-data"
)

const (
	// maxFile is Dwolla's limit for a document, 10 MiB (error 413 fileTooLarge).
	maxFile = 10 << 20
	// maxMultipart leaves room for the fields and boundaries around one file.
	maxMultipart = maxFile + 1<<20
	// maxBody holds a mass payment of 5,000 items with every optional member at its full length.
	maxBody = 64 << 20
)

// errTooLarge says that a body is longer than the part of it that was read.
var errTooLarge = errors.New("contract: body is too large")

// slurp reads a body of at most limit bytes and puts back a reader that gives the whole of it, whatever happens.
func slurp(body *io.ReadCloser, limit int64) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	original := *body
	data, err := io.ReadAll(io.LimitReader(original, limit+1))
	rest := io.Reader(original)
	if err != nil {
		rest = failing{err} // what the next reader would have met
	}
	*body = restored{io.MultiReader(bytes.NewReader(data), rest), original}
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, errTooLarge
	}
	return data, nil
}

// restored is a body that was read ahead; closing it closes the original.
type restored struct {
	io.Reader
	io.Closer
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// malformed says why a body cannot be decoded. It holds no part of the body.
type malformed string

func (m malformed) Error() string { return string(m) }

func decodeJSON(data []byte) (any, error) {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, malformed("is not valid JSON")
	}
	return value, nil
}

func decodeForm(data []byte, schema *openapi3.Schema) (any, error) {
	form, err := url.ParseQuery(string(data))
	if err != nil {
		return nil, malformed("is not a valid form")
	}
	object := map[string]any{}
	for name, values := range form {
		object[name] = single(values, property(schema, name))
	}
	return object, nil
}

// decodeMultipart decodes a form with files. The bytes of a file are counted, not kept.
func decodeMultipart(data []byte, contentType string, declared *openapi3.MediaType) (any, error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return nil, malformed("has no boundary")
	}
	object := map[string]any{}
	parts := multipart.NewReader(bytes.NewReader(data), params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return object, nil
		}
		if err != nil {
			return nil, malformed("is not a valid multipart form")
		}
		name := part.FormName()
		if _, twice := object[name]; twice {
			return nil, malformed(fmt.Sprintf("has the part %q more than once", name))
		}
		if object[name], err = decodePart(part, name, declared); err != nil {
			return nil, err
		}
	}
}

func decodePart(part *multipart.Part, name string, declared *openapi3.MediaType) (any, error) {
	schema := property(declared.Schema.Value, name)
	if schema == nil || schema.Format != "binary" {
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, malformed("is not a valid multipart form")
		}
		return scalar(string(text), schema), nil
	}
	if part.FileName() == "" {
		return nil, malformed(fmt.Sprintf("has no file name in the part %q", name))
	}
	if !allowed(declared.Encoding[name], part.Header.Get("Content-Type")) {
		return nil, malformed(fmt.Sprintf("has a file of a media type that is not allowed in the part %q", name))
	}
	size, err := io.Copy(io.Discard, part)
	if err != nil {
		return nil, malformed("is not a valid multipart form")
	}
	if size > maxFile {
		return nil, malformed(fmt.Sprintf("has a file of more than %d bytes in the part %q", maxFile, name))
	}
	return "", nil
}

// allowed reports whether the contract takes files of this media type in a part.
func allowed(encoding *openapi3.Encoding, contentType string) bool {
	if encoding == nil || encoding.ContentType == "" {
		return true
	}
	got := mediaType(contentType)
	return slices.ContainsFunc(strings.Split(encoding.ContentType, ","), func(want string) bool {
		return strings.EqualFold(strings.TrimSpace(want), got)
	})
}

// single decodes the only value of a name; several stay several, which no scalar schema takes.
func single(values []string, schema *openapi3.Schema) any {
	if len(values) == 1 {
		return scalar(values[0], schema)
	}
	return array(values, nil)
}

func array(values []string, schema *openapi3.Schema) []any {
	items := make([]any, len(values))
	for i, value := range values {
		items[i] = scalar(value, schema)
	}
	return items
}

// scalar decodes the text of a parameter or field by its type; what cannot be decoded stays text, which the
// schema then refuses.
func scalar(text string, schema *openapi3.Schema) any {
	switch {
	case schema == nil:
		return text
	case schema.Type.Is("boolean") && (text == "true" || text == "false"):
		return text == "true"
	case schema.Type.Is("integer") || schema.Type.Is("number"):
		var number json.Number
		if json.Unmarshal([]byte(text), &number) == nil && !strings.HasPrefix(text, `"`) {
			return number
		}
	}
	return text
}

func property(schema *openapi3.Schema, name string) *openapi3.Schema {
	if ref := schema.Properties[name]; ref != nil {
		return ref.Value
	}
	return nil
}

// declared finds the media type of a body in the contract. Dwolla takes the two JSON types for one another.
func declared(content openapi3.Content, mediaType string) *openapi3.MediaType {
	if found := content[mediaType]; found != nil {
		return found
	}
	switch mediaType {
	case mediaJSON:
		return content[mediaHAL]
	case mediaHAL:
		return content[mediaJSON]
	}
	return nil
}

// mediaType is the media type of a Content-Type header, without parameters and in lower case; "" if malformed.
func mediaType(contentType string) string {
	name, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return ""
	}
	return name
}
