package contract_test

import (
	"io"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// Whatever is sent, the check neither panics nor takes a byte away from the next reader.
func FuzzCheckRequest(f *testing.F) {
	f.Add("/transfers", halJSON, transfer)
	f.Add("/token", "application/x-www-form-urlencoded", "grant_type=client_credentials")
	f.Add("/customers/c1/documents", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n")
	f.Add("/customers?limit=5", "text/plain", "")
	v := newValidator(f, contract.WithStrict())
	f.Fuzz(func(t *testing.T, path, contentType, body string) {
		req := request(t, "POST /", contentType, body)
		u, err := req.URL.Parse(path)
		if err != nil {
			t.Skip()
		}
		req.URL = u
		_ = v.CheckRequest(req) // any verdict will do
		if req.Body == nil {
			return
		}
		if got, err := io.ReadAll(req.Body); err != nil || string(got) != body {
			t.Errorf("the next reader gets %q, %v", got, err)
		}
	})
}
