package contract

import (
	"errors"
	"mime"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/dwolla-go/dwolla-go/api"
)

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
