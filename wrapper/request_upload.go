package dwolla

import (
	"bytes"
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path"
	"slices"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// maxDocument is the size of the largest document that Dwolla accepts, in bytes.
const maxDocument = 10 << 20

// encodeMultipart returns the body of an upload. The document is read to its end before anything is sent: it fits into
// memory, a reader that fails costs no request, and every attempt sends the same bytes.
func encodeMultipart(ctx context.Context, parts []call.Part, unchecked bool) (body []byte, contentType string, err error) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	var file *call.Part
	documentType := ""
	for i, p := range parts {
		switch {
		case p.File.Content != nil:
			file = &parts[i]
		case p.Value != "":
			if p.Name == "documentType" {
				documentType = p.Value
			}
			_ = w.WriteField(p.Name, p.Value) // to memory, which cannot fail
		}
	}
	if file == nil {
		return nil, "", argument("body.file", "has no content")
	}
	name, err := fileName(file.File.Name)
	if err != nil {
		return nil, "", err
	}
	content, err := readDocument(ctx, file.File.Content)
	if err != nil {
		return nil, "", err
	}
	media, err := documentMedia(file.File, name, content, documentType, unchecked)
	if err != nil {
		return nil, "", err
	}
	part, _ := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition(file.Name, name)},
		"Content-Type":        {media},
	})
	_, _ = part.Write(content)
	_ = w.Close()
	return buf.Bytes(), w.FormDataContentType(), nil
}

// fileName returns the last element of a path, of Windows too.
func fileName(name string) (string, error) {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == ".." || name == "/" || len(name) > 255 || !validHeaderValue(name) {
		return "", argument("body.file", "needs a file name of at most 255 bytes without control characters")
	}
	return name, nil
}

// readDocument reads a document from the current position of its reader, up to Dwolla's limit.
func readDocument(ctx context.Context, r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(&contextReader{ctx, r}, maxDocument+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ended(ctx)
	case err != nil:
		return nil, &ArgumentError{Argument: "body.file", Reason: "cannot be read", Err: err}
	case len(content) > maxDocument:
		return nil, argument("body.file", "is larger than 10 MiB")
	case len(content) == 0:
		return nil, argument("body.file", "is empty")
	}
	return content, nil
}

// A contextReader stops reading when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// identityDocuments are the types of documents that must be pictures.
var identityDocuments = []string{
	string(DocumentTypePassport), string(DocumentTypeLicense), string(DocumentTypeIDCard),
}

// documentMedia returns the media type of a document: that of its content or, unchecked, the given one.
func documentMedia(file File, name string, content []byte, documentType string, unchecked bool) (string, error) {
	if unchecked {
		media := file.ContentType
		if media == "" {
			media = mime.TypeByExtension(path.Ext(name))
		}
		if _, _, err := mime.ParseMediaType(media); err != nil || !validHeaderValue(media) {
			return "", argument("body.file", "has no content type, and its name has no known extension")
		}
		return media, nil
	}
	found := http.DetectContentType(content)
	pdf := found == "application/pdf" && !slices.Contains(identityDocuments, documentType)
	if found != "image/jpeg" && found != "image/png" && !pdf {
		return "", argument("body.file", "is not of a type that Dwolla takes: JPEG or PNG, and PDF for businesses")
	}
	if given, _, err := mime.ParseMediaType(file.ContentType); file.ContentType != "" && (err != nil || given != found) {
		return "", argument("body.file", "is not of the content type that was given")
	}
	return found, nil
}
