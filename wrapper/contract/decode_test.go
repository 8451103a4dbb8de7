package contract_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// Not parallel: with the race detector, large bodies at once take several times as long as one by one.
func TestCheckRequestOfAnUpload(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		parts []part
		want  []string
	}{
		{name: "a field and a file pass", parts: []part{{name: "documentType", body: "passport"}, {"file", "a.png", "image/png", "png"}}},
		{
			name: "the file must be there", parts: []part{{name: "documentType", body: "passport"}},
			want: []string{`createCustomerDocument: request body: lacks "file"`},
		},
		{
			name: "a field has its values", parts: []part{{name: "documentType", body: "diary"}, {"file", "a.png", "image/png", "png"}},
			want: []string{"createCustomerDocument: request body /documentType: is none of passport, license, idCard, other"},
		},
		{
			name: "the file needs a name", parts: []part{{name: "documentType", body: "passport"}, {"file", "", "image/png", "png"}},
			want: []string{`createCustomerDocument: request body: has no file name in the part "file"`},
		},
		{
			name: "the file has one of the media types", parts: []part{{name: "documentType", body: "passport"}, {"file", "a.gif", "image/gif", "gif"}},
			want: []string{`createCustomerDocument: request body: has a file of a media type that is not allowed in the part "file"`},
		},
		{
			name: "a part cannot repeat", parts: []part{{name: "documentType", body: "passport"}, {name: "documentType", body: "passport"}},
			want: []string{`createCustomerDocument: request body: has the part "documentType" more than once`},
		},
		{
			name: "the file is at most 10 MiB", parts: []part{{name: "documentType", body: "passport"}, {"file", "a.png", "image/png", strings.Repeat("x", 10<<20+1)}},
			want: []string{`createCustomerDocument: request body: has a file of more than 10485760 bytes in the part "file"`},
		},
		{
			name: "a larger upload is not read to its end", parts: []part{{"file", "a.png", "image/png", strings.Repeat("x", 12<<20)}},
			want: []string{"createCustomerDocument: request body: is larger than 11534336 bytes"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body, contentType := upload(t, tt.parts)
			req := request(t, "POST /customers/c1/documents", contentType, body)
			if got := lines(t, newValidator(t, contract.WithStrict()).CheckRequest(req)); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if n, err := io.Copy(io.Discard, req.Body); n != int64(len(body)) || err != nil {
				t.Errorf("of %d bytes the next reader gets %d, %v", len(body), n, err)
			}
		})
	}
}

func TestCheckRequestOfABrokenUpload(t *testing.T) {
	t.Parallel()
	body, contentType := upload(t, []part{{name: "documentType", body: "passport"}})
	tests := []struct{ name, contentType, body, want string }{
		{"without a boundary", "multipart/form-data", body, "has no boundary"},
		{"with another boundary", "multipart/form-data; boundary=other", body, "is not a valid multipart form"},
		{"cut off in a part", contentType, body[:len(body)-20], "is not a valid multipart form"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := lines(t, newValidator(t).CheckRequest(request(t, "POST /customers/c1/documents", tt.contentType, tt.body)))
			if want := []string{"createCustomerDocument: request body: " + tt.want}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

type part struct{ name, file, contentType, body string }

func upload(t *testing.T, parts []part) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q`, p.name)}}
		if p.file != "" {
			header["Content-Disposition"] = []string{fmt.Sprintf(`form-data; name=%q; filename=%q`, p.name, p.file)}
		}
		if p.contentType != "" {
			header.Set("Content-Type", p.contentType)
		}
		to, err := w.CreatePart(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(to, p.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}
