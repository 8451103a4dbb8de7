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

	"github.com/dwolla-go/dwolla-go/api"
)

// malformed says why a body cannot be decoded. It holds no part of the body.
type malformed struct{ keyword, reason string }

func (m malformed) Error() string { return m.reason }

func badSyntax(reason string) error { return malformed{KeywordSyntax, reason} }

// decode turns a body into the value that its schema describes.
func decode(data []byte, contentType string, media *openapi3.MediaType) (any, error) {
	switch mediaType(contentType) {
	case mediaForm:
		return decodeForm(data, media)
	case mediaMultipart:
		return decodeMultipart(data, contentType, media)
	default:
		return decodeJSON(data)
	}
}

func decodeJSON(data []byte) (any, error) {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, badSyntax("is not valid JSON")
	}
	return value, nil
}

func decodeForm(data []byte, media *openapi3.MediaType) (any, error) {
	form, err := url.ParseQuery(string(data))
	if err != nil {
		return nil, badSyntax("is not a valid form")
	}
	object := map[string]any{}
	for name, values := range form {
		object[name] = single(values, property(media, name))
	}
	return object, nil
}

// decodeMultipart decodes a form with files. The bytes of a file are counted, not kept.
func decodeMultipart(data []byte, contentType string, media *openapi3.MediaType) (any, error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return nil, badSyntax("has no boundary")
	}
	object := map[string]any{}
	parts := multipart.NewReader(bytes.NewReader(data), params["boundary"])
	for {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // a form that ends without its boundary gives an error that wraps io.EOF
			return object, nil
		}
		if err != nil {
			return nil, badSyntax("is not a valid multipart form")
		}
		name := part.FormName()
		if _, twice := object[name]; twice {
			return nil, malformed{KeywordRepeated, fmt.Sprintf("has the part %q more than once", name)}
		}
		if object[name], err = decodePart(part, name, media); err != nil {
			return nil, err
		}
	}
}

func decodePart(part *multipart.Part, name string, media *openapi3.MediaType) (any, error) {
	schema := property(media, name)
	if schema == nil || schema.Format != "binary" {
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, badSyntax("is not a valid multipart form")
		}
		return scalar(string(text), schema), nil
	}
	if part.FileName() == "" {
		return nil, malformed{required, fmt.Sprintf("has no file name in the part %q", name)}
	}
	if !allowed(media.Encoding[name], part.Header.Get("Content-Type")) {
		return nil, malformed{KeywordMediaType, fmt.Sprintf("has a file of a media type that is not allowed in the part %q", name)}
	}
	size, err := io.Copy(io.Discard, part)
	if err != nil {
		return nil, badSyntax("is not a valid multipart form")
	}
	if size > maxFile {
		return nil, malformed{KeywordSize, fmt.Sprintf("has a file of more than %d bytes in the part %q", maxFile, name)}
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

// property is the schema of a field of a form, or nil.
func property(media *openapi3.MediaType, name string) *openapi3.Schema {
	if media.Schema == nil || media.Schema.Value.Properties[name] == nil {
		return nil
	}
	return media.Schema.Value.Properties[name].Value
}

const (
	mediaJSON      = api.MediaTypeJSON
	mediaHAL       = api.MediaTypeHAL
	mediaForm      = "application/x-www-form-urlencoded"
	mediaMultipart = "multipart/form-data"
)

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
