package dwolla

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// encodeMultipart returns the body of an upload. The document is read to its end before anything is sent: it fits into
// memory, a reader that fails costs no request, and every attempt sends the same bytes.
func encodeMultipart(ctx context.Context, parts []call.Part, unchecked bool) (body []byte, contentType string, err error) {
	var file *call.Part
	var fields []call.Part
	documentType := ""
	for i, p := range parts {
		switch {
		case p.File.Content != nil:
			file = &parts[i]
		case p.Value != "":
			if p.Name == "documentType" {
				documentType = p.Value
			}
			fields = append(fields, p)
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
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf) // to memory, which cannot fail
	_ = w.SetBoundary(boundary(fields, content, file.Name, name, media))
	for _, f := range fields {
		_ = w.WriteField(f.Name, f.Value)
	}
	part, _ := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition(file.Name, name)},
		"Content-Type":        {media},
	})
	_, _ = part.Write(content)
	_ = w.Close()
	return buf.Bytes(), w.FormDataContentType(), nil
}

// boundary returns a boundary that depends on what is uploaded alone: the same document has the same bytes each time, so
// that it can be sent again under the same idempotency key.
func boundary(fields []call.Part, content []byte, file ...string) string {
	h := sha256.New()
	for _, f := range fields {
		_, _ = fmt.Fprintf(h, "%d:%s%d:%s", len(f.Name), f.Name, len(f.Value), f.Value)
	}
	for _, text := range file {
		_, _ = fmt.Fprintf(h, "%d:%s", len(text), text)
	}
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil)[:30])
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
	content, err := readUntil(ctx, io.LimitReader(r, MaxDocumentSize+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ended(ctx)
	case err != nil:
		return nil, &ArgumentError{Argument: "body.file", Reason: "cannot be read", Err: unnamed(ctx, err)}
	case len(content) > MaxDocumentSize:
		return nil, argument("body.file", fmt.Sprintf("is larger than %d MiB", MaxDocumentSize>>20))
	case len(content) == 0:
		return nil, argument("body.file", "is empty")
	}
	return content, nil
}

// unnamed is the error of a reader without its text, which may name a file, and so a person.
func unnamed(ctx context.Context, err error) error {
	if err == errReaderPanicked || err == errReaderExited || err == io.ErrNoProgress { //nolint:errorlint // a foreign error is not unwrapped here
		return err
	}
	err = kept(ctx, err, false)
	masked := &maskedError{text: "the reader failed", err: err}
	if foreign, ok := err.(*foreignError); ok { //nolint:errorlint // kept returns it as it is
		for i, n := range foreign.nodes {
			if failed, ok := n.(*fs.PathError); ok && i+1 < len(foreign.texts) { //nolint:errorlint // a node is itself
				masked.text = failed.Op + ": " + foreign.texts[i+1]
				break
			}
		}
	}
	return masked
}

var (
	errReaderPanicked = errors.New("the reader panicked")
	errReaderExited   = errors.New("the reader ended its goroutine")
)

// readUntil reads a reader of the user's to its end, or until the context ends: a Read that blocks is left behind with its
// goroutine, as net/http leaves one, and no other follows.
func readUntil(ctx context.Context, r io.Reader) ([]byte, error) {
	type read struct {
		content []byte
		err     error
	}
	done := make(chan read, 1)
	go func() {
		result := read{nil, errReaderExited}
		defer func() {
			if recover() != nil { // the value may hold anything
				result = read{nil, errReaderPanicked}
			}
			done <- result
		}()
		content, err := io.ReadAll(&contextReader{ctx: ctx, r: r})
		result = read{content, err}
	}()
	select {
	case result := <-done:
		return result.content, result.err
	case <-ctx.Done():
	}
	select { // a Read that does not block has ended when the caller gets its reader back
	case <-done:
	case <-time.After(10 * time.Millisecond):
	}
	return nil, ctx.Err()
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
