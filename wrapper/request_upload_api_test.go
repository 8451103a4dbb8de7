package dwolla_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

const created = sandbox + "/documents/d1"

// after answers with a status first, and then with success.
func after(status int, body string) func(int, *http.Request) *http.Response {
	return func(n int, _ *http.Request) *http.Response {
		if n == 1 {
			return reply(status, body)
		}
		return reply(201, "", "Location", created)
	}
}

// A meter counts what is read from it.
type meter struct {
	r    io.Reader
	read int
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.read += n
	return n, err
}

// uploaded reads the parts of an upload.
func uploaded(t *testing.T, r sentRequest) (documentType, name, contentType string, content []byte) {
	t.Helper()
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	form, err := multipart.NewReader(bytes.NewReader(r.Body), params["boundary"]).ReadForm(32 << 20)
	if err != nil {
		t.Fatal(err)
	}
	if len(form.File["file"]) != 1 || len(form.Value["documentType"]) != 1 || len(form.Value)+len(form.File) != 2 {
		t.Fatalf("the form is %v", form)
	}
	head := form.File["file"][0]
	f, err := head.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if content, err = io.ReadAll(f); err != nil {
		t.Fatal(err)
	}
	return form.Value["documentType"][0], head.Filename, head.Header.Get("Content-Type"), content
}

func TestFault128_DocumentsThatAreTooLargeAreRefused(t *testing.T) {
	t.Parallel()
	const most = 10 << 20
	for name, r := range map[string]io.Reader{
		"of a known size": bytes.NewReader(pngDocument(most + 1)),
		"a stream":        io.MultiReader(bytes.NewReader(pngDocument(99)), spaces{}),
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, always(201, "", "Location", created))
			m := &meter{r: r}
			_, err := s.upload(t.Context(), m, "a.png")
			ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
			s.sends(t, 0)
			if m.read > most+1 {
				t.Errorf("%d bytes were read", m.read)
			}
		})
	}
	s := newStub(t, always(201, "", "Location", created))
	ref, err := s.upload(t.Context(), bytes.NewReader(pngDocument(most)), "a.png")
	ends(t, err, dwolla.OutcomeOK)
	s.sends(t, 1)
	if ref.ID() != "d1" {
		t.Errorf("the reference is %v", ref)
	}
	if _, _, _, content := uploaded(t, s.requests()[0]); !bytes.Equal(content, pngDocument(most)) {
		t.Error("the document arrived changed")
	}
}

func TestFault129_DocumentsOfTheWrongTypeAreRefused(t *testing.T) {
	png, jpeg, pdf := string(pngDocument(99)), "\xff\xd8\xff\xe0 jpeg", "%PDF-1.7 "
	for name, tt := range map[string]struct {
		content string
		kind    dwolla.DocumentType
		given   string
		opts    []dwolla.CallOption
		want    string // content type; none when refused
	}{
		"PNG":                         {png, dwolla.DocumentTypePassport, "", nil, "image/png"},
		"JPEG":                        {jpeg, dwolla.DocumentTypeLicense, "image/jpeg", nil, "image/jpeg"},
		"PDF of a business":           {pdf, dwolla.DocumentTypeOther, "", nil, "application/pdf"},
		"PDF for a person":            {pdf, dwolla.DocumentTypeIDCard, "", nil, ""},
		"GIF":                         {"GIF89a 1234", dwolla.DocumentTypeOther, "", nil, ""},
		"a program":                   {"MZ\x90\x00 program", dwolla.DocumentTypeOther, "image/png", nil, ""},
		"nothing":                     {"", dwolla.DocumentTypeOther, "", nil, ""},
		"JPEG that is called PNG":     {jpeg, dwolla.DocumentTypeOther, "image/png", nil, ""},
		"a content type with newline": {png, dwolla.DocumentTypeOther, "image/png\r\nX: y", nil, ""},
		"anything, unchecked":         {"MZ", dwolla.DocumentTypeOther, "", []dwolla.CallOption{dwolla.WithUncheckedDocument()}, "image/png"},
		"nothing, unchecked":          {"", dwolla.DocumentTypeOther, "", []dwolla.CallOption{dwolla.WithUncheckedDocument()}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, always(201, "", "Location", created))
			_, err := s.client.Documents.CreateForBeneficialOwner(t.Context(), "owner", dwolla.CreateDocument{
				DocumentType: tt.kind, File: dwolla.File{Name: "a.png", ContentType: tt.given, Content: strings.NewReader(tt.content)},
			}, tt.opts...)
			if tt.want == "" {
				ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
				s.sends(t, 0)
				return
			}
			ends(t, err, dwolla.OutcomeOK)
			s.sends(t, 1)
			if kind, _, contentType, content := uploaded(t, s.requests()[0]); kind != string(tt.kind) || contentType != tt.want || string(content) != tt.content {
				t.Errorf("arrived as %q, %q, %d bytes", kind, contentType, len(content))
			}
		})
	}
	s := newStub(t, always(400, `{"code":"InvalidFileType","message":"no"}`))
	_, err := s.upload(t.Context(), bytes.NewReader(pngDocument(9)), "a.png")
	ends(t, err, dwolla.OutcomeRejected, dwolla.ErrRejected, dwolla.Code("invalidFileType"))
	s.sends(t, 1)
}

func TestFault130_AReaderThatFailsSendsNothing(t *testing.T) {
	broken := errors.New("the disk is gone")
	document := pngDocument(1 << 20)
	for _, at := range []int{0, len(document) / 2, len(document)} {
		s := newStub(t, always(201, "", "Location", created))
		_, err := s.upload(t.Context(), io.MultiReader(bytes.NewReader(document[:at]), iotest.ErrReader(broken)), "a.png")
		ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument, broken)
		s.sends(t, 0)
	}
}

func TestFault131_AReaderThatCannotBeReadAgainIsSentWholeTwice(t *testing.T) {
	for _, status := range []int{503, 401} {
		synctest.Test(t, func(t *testing.T) {
			s := newStub(t, after(status, `{"code":"ExpiredAccessToken"}`))
			_, err := s.upload(t.Context(), io.LimitReader(bytes.NewReader(pngDocument(1<<20)), 1<<20), "a.png")
			ends(t, err, dwolla.OutcomeOK)
			s.sends(t, 2) // the same bytes, boundary included
			if _, _, _, content := uploaded(t, s.requests()[1]); !bytes.Equal(content, pngDocument(1<<20)) {
				t.Errorf("%d bytes arrived the second time", len(content))
			}
		})
	}
}

func TestFault132_AReaderIsSentFromWhereItStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := bytes.NewReader(append([]byte("prefix"), pngDocument(99)...))
		if _, err := r.Seek(6, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		s := newStub(t, after(503, ""))
		_, err := s.upload(t.Context(), r, "a.png")
		ends(t, err, dwolla.OutcomeOK)
		s.sends(t, 2)
		for _, sent := range s.requests() {
			if _, _, _, content := uploaded(t, sent); !bytes.Equal(content, pngDocument(99)) {
				t.Errorf("%q arrived", content)
			}
		}
	})
}

func TestFault133_AFileThatChangesIsSentAsFirstRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	if err := os.WriteFile(path, pngDocument(99), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	synctest.Test(t, func(t *testing.T) {
		s := newStub(t, func(n int, req *http.Request) *http.Response {
			if err := os.WriteFile(path, []byte("other"), 0o600); err != nil {
				t.Error(err)
			}
			return after(503, "")(n, req)
		})
		_, err = s.upload(t.Context(), f, "a.png")
		ends(t, err, dwolla.OutcomeOK)
		s.sends(t, 2) // what was read first, both times
		if _, _, _, content := uploaded(t, s.requests()[1]); !bytes.Equal(content, pngDocument(99)) {
			t.Errorf("%q arrived", content)
		}
	})
}

func TestFault134_RefusedDocumentsAreTypedErrors(t *testing.T) {
	for code, status := range map[string]int{
		"FileTooLarge": 413, "MaximumNumberOfResources": 400, "DuplicateResource": 400, "InvalidResourceState": 403,
	} {
		s := newStub(t, always(status, fmt.Sprintf(`{"code":%q,"message":"m"}`, code)))
		_, err := s.upload(t.Context(), bytes.NewReader(pngDocument(9)), "a.png")
		ends(t, err, dwolla.OutcomeRejected, dwolla.Code(code))
		s.sends(t, 1)
	}
}

func TestFault135_FileNamesCarryNoPathAndNoHeader(t *testing.T) {
	for name, want := range map[string]string{
		"a.png": "a.png", `a"b.png`: `a"b.png`, "/etc/secret/a.png": "a.png", `C:\Users\me\a.png`: "a.png", "Ausweis-é-文.png": "Ausweis-é-文.png",
		"a\r\nX-Evil: 1.png": "", "a\x00.png": "", strings.Repeat("a", 10<<10): "", "": "", "..": "", "/": "",
	} {
		t.Run(fmt.Sprintf("%.40q", name), func(t *testing.T) {
			s := newStub(t, always(201, "", "Location", created))
			_, err := s.upload(t.Context(), bytes.NewReader(pngDocument(9)), name)
			if want == "" {
				ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
				s.sends(t, 0)
				return
			}
			ends(t, err, dwolla.OutcomeOK)
			s.sends(t, 1)
			if _, got, _, _ := uploaded(t, s.requests()[0]); got != want {
				t.Errorf("arrived as %q", got)
			}
			if bytes.Contains(s.requests()[0].Body, []byte("X-Evil")) {
				t.Error("a header was injected")
			}
		})
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestFault136_ACanceledUploadReadsNoFurther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := newStub(t, always(201, "", "Location", created))
		m := &meter{r: readerFunc(func(p []byte) (int, error) { cancel(); return copy(p, pngDocument(99)), nil })}
		_, err := s.upload(ctx, m, "a.png")
		ends(t, err, dwolla.OutcomeCanceled, context.Canceled)
		s.sends(t, 0)
		read := m.read
		synctest.Wait()
		if m.read != read {
			t.Error("the reader is read on")
		}
	})
	t.Run("while it is sent", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			s := newStub(t, func(_ int, req *http.Request) *http.Response {
				cancel()
				<-req.Context().Done()
				return nil
			})
			_, err := s.upload(ctx, bytes.NewReader(pngDocument(99)), "a.png")
			ends(t, err, dwolla.OutcomeUnknown, context.Canceled)
			s.sends(t, 1)
		})
	})
}

func TestFault220_TheSameDocumentHasTheSameBytes(t *testing.T) {
	s := newStub(t, always(201, "", "Location", created))
	key := dwolla.WithIdempotencyKey("document-1")
	for range 2 {
		_, err := s.upload(t.Context(), bytes.NewReader(pngDocument(99)), "a.png", key)
		ends(t, err, dwolla.OutcomeOK)
	}
	s.sends(t, 2)
	sent := s.requests()
	if sent[0].Hash != sent[1].Hash || sent[0].Header.Get("Content-Type") != sent[1].Header.Get("Content-Type") {
		t.Error("the same document was sent in other bytes")
	}
	for name, other := range map[string]func() error{
		"another content": func() error {
			_, err := s.upload(t.Context(), bytes.NewReader(pngDocument(98)), "a.png", key)
			return err
		},
		"another name": func() error {
			_, err := s.upload(t.Context(), bytes.NewReader(pngDocument(99)), "b.png", key)
			return err
		},
	} {
		if err := other(); !errors.Is(err, dwolla.ErrKeyReused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Run("it is resent after an unknown outcome", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStub(t, func(n int, _ *http.Request) *http.Response {
				if n <= 3 {
					return reply(500, `{"code":"ServerError"}`)
				}
				return reply(201, "", "Location", created)
			})
			_, err := s.upload(t.Context(), bytes.NewReader(pngDocument(99)), "a.png")
			unknown, ok := errors.AsType[*dwolla.OutcomeUnknownError](err)
			if !ok {
				t.Fatal(err)
			}
			_, err = s.upload(t.Context(), bytes.NewReader(pngDocument(99)), "a.png", dwolla.Resend(unknown))
			ends(t, err, dwolla.OutcomeOK)
			sent := s.requests()
			if len(sent) != 4 || sent[3].Hash != sent[0].Hash || sent[3].Key != sent[0].Key {
				t.Errorf("%d requests", len(sent))
			}
		})
	})
}

func TestFault221_AReaderThatBlocksHeedsTheContext(t *testing.T) {
	s := newStub(t, always(201, "", "Location", created))
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	started := time.Now()
	_, err := s.upload(ctx, r, "a.png")
	if late := time.Since(started) - 20*time.Millisecond; late > 50*time.Millisecond {
		t.Errorf("%s after its deadline", late)
	}
	ends(t, err, dwolla.OutcomeCanceled)
	s.sends(t, 0)
	_, err = s.upload(t.Context(), bytes.NewReader(pngDocument(99)), "a.png")
	ends(t, err, dwolla.OutcomeOK)
}

func TestFault222_AReaderThatBreaksTheRulesIsAnError(t *testing.T) {
	for name, r := range map[string]readerFunc{
		"it panics":             func([]byte) (int, error) { panic("no") },
		"it ends its goroutine": func([]byte) (int, error) { runtime.Goexit(); return 0, nil },
		"it reads too much":     func(p []byte) (int, error) { return len(p) + 1, nil },
		"it reads less than 0":  func([]byte) (int, error) { return -1, nil },
		"it reads nothing":      func([]byte) (int, error) { return 0, nil },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, always(201, "", "Location", created))
			_, err := s.upload(t.Context(), r, "a.png")
			ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
			s.sends(t, 0)
		})
	}
}
