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

// The states of a document.
const (
	reviewed        = "reviewed"
	acceptedVerdict = "accepted"
	rejectedVerdict = "rejected"
)

// upload is a document as it was sent.
type upload struct {
	kind string
	name string
	data []byte
}

// uploaded is a document that was taken.
type uploaded struct {
	id      string
	kind    string
	created time.Time
	digest  string
	verdict string // pending until the review
}

func (d *uploaded) path() string { return "/documents/" + d.id }

// readUpload reads the two parts of a document.
func readUpload(c *call) (upload, error) {
	var out upload
	_, params, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return out, badRequest("The request body is not multipart.")
	}
	parts := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
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

// check refuses what cannot be taken. The codes are in camelCase here, as documented.
func (u upload) check() error {
	extension := strings.ToLower(path.Ext(u.name))
	switch {
	case u.kind == "":
		return validationError(required("/documentType", "DocumentType"))
	case u.name == "":
		return validationError(required("/file", "File"))
	case len(u.data) > maxFile:
		return &failure{
			status: http.StatusRequestEntityTooLarge, code: "fileTooLarge", message: "The file is larger than 10 MiB.",
		}
	case !slices.Contains([]string{".jpg", ".jpeg", ".png", ".pdf"}, extension):
		return &failure{
			status: http.StatusBadRequest, code: "invalidFileType", message: "Only jpg, jpeg, png and pdf are taken.",
		}
	}
	return nil
}

// subject is who a document is about: a Customer or a beneficial owner.
type subject struct {
	documents *[]*uploaded
	needed    func() bool // a document is asked for
	news      func(what string) news
	passed    func(kind string) // a document of this kind was accepted
}

func (w *world) aboutCustomer(k *customer) subject {
	return subject{
		documents: &k.uploads,
		needed:    func() bool { return k.status == document },
		news:      func(what string) news { return k.about("verification_document_" + what) },
		passed: func(kind string) {
			if k.documents = k.documents.without(kind); k.documents == (documentNeeds{}) {
				w.conclude(k, verified)
			}
		},
	}
}

func (w *world) aboutOwner(o *beneficialOwner) subject {
	return subject{
		documents: &o.uploads,
		needed:    func() bool { return o.status == document },
		news:      func(what string) news { return o.about("verification_document_" + what) },
		passed: func(string) {
			o.status = verified
			w.raise(o.about("verified"))
		},
	}
}

func (w *world) createCustomerDocument(c *call, in upload) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	return w.takeDocument(w.aboutCustomer(k), in)
}

func (w *world) createBeneficialOwnerDocument(c *call, in upload) (reply, error) {
	o, err := w.beneficialOwner(c)
	if err != nil {
		return reply{}, err
	}
	return w.takeDocument(w.aboutOwner(o), in)
}

func (w *world) takeDocument(s subject, in upload) (reply, error) {
	if !s.needed() {
		return reply{}, &failure{
			status: http.StatusForbidden, code: "invalidResourceState", message: "No document is needed.",
		}
	}
	waiting := 0
	digest := fingerprint(string(in.data))
	for _, d := range *s.documents {
		if d.digest == digest {
			return reply{}, duplicateResource("Document", d.id, d.path())
		}
		if d.verdict == pending {
			waiting++
		}
	}
	if waiting >= maxWaiting {
		return reply{}, &failure{
			status: http.StatusBadRequest, code: "maximumNumberOfResources", message: "Four documents wait for review.",
		}
	}
	d := &uploaded{id: w.ids.uuid(), kind: in.kind, created: w.now, digest: digest, verdict: pending}
	*s.documents = append(*s.documents, d)
	w.documentByID[d.id] = &review{d, s}
	w.raise(s.news("uploaded"))
	w.planReview(d.id, in.name)
	return created(d.path())
}

// planReview lets the published test images be judged; any other file waits for [Server.ReviewDocument].
func (w *world) planReview(id, name string) {
	stem := strings.TrimSuffix(name, path.Ext(name))
	if stem == passingFile || stem == failingFile {
		w.after(reviewTime, func() { w.review(id, stem == passingFile) })
	}
}

// review is a document with whom it is about.
type review struct {
	*uploaded
	subject
}

// review decides about a document, once.
func (w *world) review(id string, accepted bool) bool {
	r := w.documentByID[id]
	if r == nil || r.verdict != pending {
		return false
	}
	if !accepted {
		r.verdict = rejectedVerdict
		w.raise(r.news("failed"))
		return true
	}
	r.verdict = acceptedVerdict
	w.raise(r.news("approved"))
	if r.needed() {
		r.passed(r.kind)
	}
	return true
}

func (w *world) listCustomerDocuments(c *call) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	return ok(collection(c, "documents", k.uploads, func(d *uploaded) object { return d.show(c.hal) }))
}

func (w *world) listBeneficialOwnerDocuments(c *call) (reply, error) {
	o, err := w.beneficialOwner(c)
	if err != nil {
		return reply{}, err
	}
	return ok(collection(c, "documents", o.uploads, func(d *uploaded) object { return d.show(c.hal) }))
}

func (w *world) getDocument(c *call) (reply, error) {
	r := w.documentByID[c.id]
	if r == nil {
		return reply{}, notFound("Document")
	}
	return ok(r.show(c.hal))
}

func (d *uploaded) show(h hal) object {
	out := object{
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
		out["allFailureReasons"] = []object{{"reason": "ScanNotReadable", "description": "The picture cannot be read"}}
	}
	return out
}
