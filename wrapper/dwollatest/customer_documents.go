package dwollatest

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

const (
	maxFile     = 10 << 20 // bytes of a document
	maxWaiting  = 4        // documents that wait for review
	reviewTime  = time.Second
	passingFile = "test-document-upload-success"
	failingFile = "test-document-upload-fail"
)

// An upload is a document as it was sent.
type upload struct {
	kind string
	name string
	data []byte
}

// A storedDocument is a document that was accepted for review.
type storedDocument struct {
	id      string
	kind    string
	created time.Time
	digest  string
	verdict string // pending until the review
}

func (d *storedDocument) path() string { return "/documents/" + d.id }

// readUpload reads the two parts of a document.
func readUpload(req *request) (upload, error) {
	var out upload
	_, params, err := mime.ParseMediaType(req.header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return out, badRequest("The request body is not multipart.")
	}
	parts := multipart.NewReader(bytes.NewReader(req.body), params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return out, out.check()
		}
		if err != nil {
			return out, badRequest("The request body is not multipart.")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return out, badRequest("The request body is incomplete.")
		}
		switch part.FormName() {
		case "documentType":
			out.kind = string(data)
		case "file":
			out.name, out.data = part.FileName(), data
		}
	}
}

// check refuses what cannot be stored. The codes are in camelCase here, as documented.
func (u upload) check() error {
	extension := strings.ToLower(path.Ext(u.name))
	switch {
	case u.kind == "":
		return validationError(required("/documentType", "DocumentType"))
	case u.name == "":
		return validationError(required("/file", "File"))
	case len(u.data) > maxFile:
		return &apiError{
			status: http.StatusRequestEntityTooLarge, code: "fileTooLarge", message: "The file is larger than 10 MiB.",
		}
	case !slices.Contains([]string{".jpg", ".jpeg", ".png", ".pdf"}, extension):
		return &apiError{
			status: http.StatusBadRequest, code: "invalidFileType", message: "Only jpg, jpeg, png and pdf are accepted.",
		}
	}
	return nil
}

// A subject is who a document is about: a Customer or a beneficial owner.
type subject struct {
	documents *[]*storedDocument
	needed    func() bool // whether a document is needed
	event     func(what string) event
	accepted  func(kind string) // a document of this kind was accepted
}

func (st *state) aboutCustomer(k *customer) subject {
	return subject{
		documents: &k.storedDocuments,
		needed:    func() bool { return k.status == document },
		event:     func(what string) event { return k.event("verification_document_" + what) },
		accepted: func(kind string) {
			if k.documents = k.documents.without(kind); k.documents == (documentNeeds{}) {
				st.setVerification(k, verified)
			}
		},
	}
}

func (st *state) aboutBeneficialOwner(o *beneficialOwner) subject {
	return subject{
		documents: &o.storedDocuments,
		needed:    func() bool { return o.status == document },
		event:     func(what string) event { return o.event("verification_document_" + what) },
		accepted: func(string) {
			o.status = verified
			st.emit(o.event("verified"))
		},
	}
}

func (st *state) createCustomerDocument(req *request, in upload) (result, error) {
	k, err := st.customer(req)
	if err != nil {
		return result{}, err
	}
	return st.takeDocument(st.aboutCustomer(k), in)
}

func (st *state) createBeneficialOwnerDocument(req *request, in upload) (result, error) {
	o, err := st.beneficialOwner(req)
	if err != nil {
		return result{}, err
	}
	return st.takeDocument(st.aboutBeneficialOwner(o), in)
}

func (st *state) takeDocument(s subject, in upload) (result, error) {
	if !s.needed() {
		return result{}, &apiError{
			status: http.StatusForbidden, code: "invalidResourceState", message: "No document is needed.",
		}
	}
	waiting := 0
	digest := fingerprint(string(in.data))
	for _, d := range *s.documents {
		if d.digest == digest {
			return result{}, duplicateResource("Document", d.id, d.path())
		}
		if d.verdict == pending {
			waiting++
		}
	}
	if waiting >= maxWaiting {
		return result{}, &apiError{
			status: http.StatusBadRequest, code: "maximumNumberOfResources", message: "Four documents wait for review.",
		}
	}
	d := &storedDocument{id: st.ids.uuid(), kind: in.kind, created: st.now, digest: digest, verdict: pending}
	*s.documents = append(*s.documents, d)
	st.documentByID[d.id] = &reviewedDocument{d, s}
	st.emit(s.event("uploaded"))
	st.scheduleReview(d.id, in.name)
	return created(d.path())
}

// scheduleReview sets the review of the published test images; any other file waits for [Server.ReviewDocument].
func (st *state) scheduleReview(id, name string) {
	stem := strings.TrimSuffix(name, path.Ext(name))
	if stem == passingFile || stem == failingFile {
		st.after(reviewTime, func() { st.finishReview(id, stem == passingFile) })
	}
}

// A reviewedDocument is a document with its subject.
type reviewedDocument struct {
	*storedDocument
	subject
}

// finishReview accepts or rejects a document, once.
func (st *state) finishReview(id string, accepted bool) bool {
	r := st.documentByID[id]
	if r == nil || r.verdict != pending {
		return false
	}
	if !accepted {
		r.verdict = rejectedVerdict
		st.emit(r.event("failed"))
		return true
	}
	r.verdict = acceptedVerdict
	st.emit(r.event("approved"))
	if r.needed() {
		r.accepted(r.kind)
	}
	return true
}

// document finds the document of the path.
func (st *state) document(req *request) (*reviewedDocument, error) {
	return byID(st.documentByID, req, "Document")
}

func (d *storedDocument) show(h hal) jsonObject {
	out := jsonObject{
		"_links":                     links{"self": h.link(d.path())},
		"id":                         d.id,
		"status":                     reviewed,
		"type":                       d.kind,
		"created":                    stamp(d.created),
		"documentVerificationStatus": d.verdict,
	}
	switch d.verdict {
	case pending:
		out["status"] = pending
	case rejectedVerdict:
		out["failureReason"] = "ScanNotReadable"
		out["allFailureReasons"] = []jsonObject{{"reason": "ScanNotReadable", "description": "The picture cannot be read"}}
	}
	return out
}
