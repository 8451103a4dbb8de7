package dwolla

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// maxUpload is the largest document that Dwolla takes.
const maxUpload = 10 << 20

// An upload streams a multipart body from the caller's reader. It can be sent again only if the reader can be set back
// to where it was.
type upload struct {
	fields   []call.Part
	file     call.Part
	boundary string
	start    int64 // of a seekable reader
	sent     bool
}

func newUpload(parts []call.Part) (*upload, error) {
	u := &upload{boundary: multipart.NewWriter(io.Discard).Boundary()}
	for _, p := range parts {
		switch {
		case p.Value != "":
			u.fields = append(u.fields, p)
		case p.File.Content != nil:
			u.file = p
		}
	}
	if u.file.File.Content == nil {
		return nil, argument("body.file", "has no content")
	}
	name := path.Base(strings.ReplaceAll(u.file.File.Name, `\`, "/"))
	if name == "." || name == "/" || len(name) > 255 || !validHeaderValue(name) {
		return nil, argument("body.file", "needs a file name of at most 255 characters")
	}
	u.file.File.Name = name
	if u.file.File.ContentType == "" {
		u.file.File.ContentType = mime.TypeByExtension(path.Ext(name))
	}
	if _, _, err := mime.ParseMediaType(u.file.File.ContentType); err != nil {
		return nil, argument("body.file", "has no content type, and its name has no known extension")
	}
	if s, ok := u.file.File.Content.(io.Seeker); ok {
		start, err := s.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, &ArgumentError{Argument: "body.file", Reason: "cannot be read", Err: err}
		}
		u.start = start
	}
	return u, nil
}

func (u *upload) contentType() string { return "multipart/form-data; boundary=" + u.boundary }

// onceOnly reports whether the body has been read and cannot be read again.
func (p *payload) onceOnly() bool {
	if p == nil || p.stream == nil || !p.stream.sent {
		return false
	}
	_, seekable := p.stream.file.File.Content.(io.Seeker)
	return !seekable
}

// attach gives the request a reader over head, file and tail. The file is never held in memory.
func (u *upload) attach(req *http.Request) error {
	if u.sent {
		s, ok := u.file.File.Content.(io.Seeker)
		if !ok {
			return errors.New("the document was read already and cannot be read again")
		}
		if _, err := s.Seek(u.start, io.SeekStart); err != nil {
			return fmt.Errorf("the document cannot be read again: %w", err)
		}
	}
	u.sent = true
	var head strings.Builder
	w := multipart.NewWriter(&head)
	if err := w.SetBoundary(u.boundary); err != nil {
		return err
	}
	for _, f := range u.fields {
		if err := w.WriteField(f.Name, f.Value); err != nil {
			return err
		}
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", multipart.FileContentDisposition(u.file.Name, u.file.File.Name))
	header.Set("Content-Type", u.file.File.ContentType)
	if _, err := w.CreatePart(header); err != nil {
		return err
	}
	file := &cappedReader{r: u.file.File.Content, left: maxUpload}
	tail := "\r\n--" + u.boundary + "--\r\n"
	req.Body = io.NopCloser(io.MultiReader(strings.NewReader(head.String()), file, strings.NewReader(tail)))
	req.ContentLength = -1
	return nil
}

// A cappedReader fails when a document is larger than Dwolla takes, so that nothing of that size is ever completed.
type cappedReader struct {
	r    io.Reader
	left int64
}

func (c *cappedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, fmt.Errorf("%w: the document is larger than 10 MiB", ErrInvalidArgument)
	}
	return n, err
}
