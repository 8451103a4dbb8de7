package dwollatest_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestSandboxDocumentApprovedAndRejectedByFileName(t *testing.T) {
	r := newRig(t)
	k := r.get(r.create("/customers", person("document", "a@example.com")))
	target := k.href("verify-with-document")
	if target == "" {
		t.Fatal("no relation to upload to")
	}
	bad := r.upload(target, "license", "test-document-upload-fail.png", []byte("blurred"))
	r.expect("upload", bad.status, http.StatusCreated)
	r.expect("before the review", r.get(bad.location).text("documentVerificationStatus"), "pending")
	r.Advance(time.Second)
	d := r.get(bad.location)
	r.expect("rejected", d.text("documentVerificationStatus"), "rejected")
	r.expect("reason", d.text("failureReason"), "ScanNotReadable")
	r.expect("customer", r.get(k.href("self")).text("status"), "document")

	good := r.upload(target, "license", "test-document-upload-success.png", []byte("sharp"))
	r.Advance(time.Second)
	r.expect("accepted", r.get(good.location).text("documentVerificationStatus"), "accepted")
	r.expect("customer", r.get(k.href("self")).text("status"), "verified")
	late := r.upload(target, "license", "another.png", []byte("x"))
	r.expect("not needed any more", late.code(), "invalidResourceState")
	r.wants("topics", r.topics(), "customer_verification_document_uploaded", "customer_verification_document_failed",
		"customer_verification_document_approved")
	r.expect("listed", len(r.all(target, "documents")), 2)
}

func TestDocumentsAreChecked(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	k := r.create("/customers", person("document", "a@example.com"))
	at := k + "/documents"
	r.expect("another type of file", r.upload(at, "license", "a.gif", []byte("1")).code(), "invalidFileType")
	r.expect("too large", r.upload(at, "license", "a.png", make([]byte, 10<<20+1)).code(), "fileTooLarge")
	first := r.upload(at, "license", "a.png", []byte("1"))
	r.expect("twice", r.upload(at, "license", "a.png", []byte("1")).code(), "DuplicateResource")
	for i := range 3 {
		r.upload(at, "license", "a.png", []byte{byte(i), 2})
	}
	r.expect("a fifth", r.upload(at, "license", "a.png", []byte("5")).code(), "maximumNumberOfResources")
	r.ReviewDocument(first.location[strings.LastIndex(first.location, "/")+1:], true)
	r.expect("verified", r.get(k).text("status"), "verified")

	firm := r.get(r.create("/customers", company("document", "document", "b@example.com")))
	at = firm.href("verify-controller-and-business-with-document")
	r.upload(at, "passport", "test-document-upload-success.png", []byte("p"))
	r.Advance(2e9)
	r.expect("one of two", r.get(firm.href("self")).text("status"), "document")
	r.wants("what is left", r.get(firm.href("self")).rels(), "verify-business-with-document")
	r.upload(at, "other", "test-document-upload-success.png", []byte("o"))
	r.Advance(2e9)
	r.expect("both", r.get(firm.href("self")).text("status"), "verified")
}

func (r *rig) upload(target, kind, name string, data []byte) answer {
	r.t.Helper()
	return r.uploadAs("image/png", target, kind, name, data)
}

// uploadAs uploads a file of a media type, or without one if it is empty.
func (r *rig) uploadAs(mediaType, target, kind, name string, data []byte) answer {
	r.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("documentType", kind); err != nil {
		r.t.Fatal(err)
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", `form-data; name="file"; filename="`+name+`"`)
	if mediaType != "" {
		header.Set("Content-Type", mediaType)
	}
	part, err := form.CreatePart(header)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err = part.Write(data); err != nil {
		r.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		r.t.Fatal(err)
	}
	request := r.request(http.MethodPost, target, &body)
	request.Header.Set("Content-Type", form.FormDataContentType())
	return r.send(request)
}

func TestFault433_TheKindOfADocumentIsTheEndingOfItsFileName(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	at := func() string {
		return r.AddCustomer(dwollatest.Customer{Type: "personal", Status: "document"}).Href + "/documents"
	}
	for _, mediaType := range []string{"image/png", "", "application/octet-stream", "image/jpg", "text/plain"} {
		r.wire("as "+mediaType, r.uploadAs(mediaType, at(), "passport", "passport.png", []byte("png")), http.StatusCreated)
		r.wire("a gif as "+mediaType, r.uploadAs(mediaType, at(), "passport", "passport.gif", []byte("gif")), http.StatusBadRequest, `{"code":"invalidFileType"`)
	}
	strict := newRig(t)
	target := strict.AddCustomer(dwollatest.Customer{Type: "personal", Status: "document"}).Href + "/documents"
	strict.wire("as Go's CreateFormFile", strict.uploadAs("application/octet-stream", target, "passport", "a.jpg", []byte("jpg")), http.StatusCreated)
}
