package dwolla

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

func TestAnUploadNeedsADocumentAndItsType(t *testing.T) {
	for name, part := range map[string]call.Part{
		"no document": {Name: "documentType", Value: "passport"},
		"no type":     {Name: "file", File: File{Name: "scan", Content: strings.NewReader("x")}},
	} {
		if _, _, err := encodeMultipart(t.Context(), []call.Part{part}, true); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzFileName: a name that is taken arrives as it is, in one header of one part.
func FuzzFileName(f *testing.F) {
	for _, seed := range []string{"a.png", `a"b.png`, "a\r\nX: y", `C:\a.png`, "é.png", "..", "/", `a\`, "a;b=c.png", "%0d%0a"} {
		f.Add(seed)
	}
	content := "\x89PNG\r\n\x1a\n"
	f.Fuzz(func(t *testing.T, name string) {
		body, contentType, err := encodeMultipart(t.Context(), []call.Part{
			{Name: "documentType", Value: "passport"}, {Name: "file", File: File{Name: name, Content: strings.NewReader(content)}},
		}, false)
		if err != nil {
			if !errors.Is(err, ErrInvalidArgument) {
				t.Fatal(err)
			}
			return
		}
		_, params, err := mime.ParseMediaType(contentType)
		if err != nil {
			t.Fatal(err)
		}
		r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
		for _, field := range []string{"documentType", "file"} {
			part, err := r.NextPart()
			if err != nil || part.FormName() != field {
				t.Fatalf("%q: part %v, %v", name, part, err)
			}
			if field == "file" {
				got, _ := io.ReadAll(part)
				if string(got) != content || len(part.Header) != 2 || part.FileName() == "" {
					t.Fatalf("%q arrived as %q, %v", name, part.FileName(), part.Header)
				}
			}
		}
		if _, err := r.NextPart(); err != io.EOF {
			t.Fatalf("%q: another part: %v", name, err)
		}
	})
}
