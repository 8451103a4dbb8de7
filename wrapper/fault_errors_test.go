package dwolla

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

// Section E of the catalogue: errors.

const halType = "application/vnd.dwolla.v1.hal+json"

// refuse makes a payment that is answered with an error, and checks what never differs.
func refuse(t *testing.T, f *faultserver.Fault, w want) *Error {
	t.Helper()
	r := inMemoryRig(t)
	r.bank.Always(f)
	err := r.pay(t.Context())
	r.check(t, err, w)
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%T: %v", err, err)
	}
	return e
}

func TestFault086_EveryFieldErrorIsReachable(t *testing.T) {
	e := refuse(t, faultserver.Text(400, halType, `{"code":"ValidationError","message":"Validation error(s) present.","_embedded":{"errors":[
		{"code":"Required","message":"Amount required.","path":"/amount/value"},
		{"code":"InsufficientFunds","message":"Not enough.","path":"/_links/source/href","_links":{"about":{"href":"/x"}}}]}}`), want{OutcomeRejected, 1, 0})
	if len(e.Fields) != 2 || e.Fields[0].Path != "/amount/value" || e.Fields[1].Message != "Not enough." || e.Fields[1].Links["about"].Href != "/x" {
		t.Errorf("%+v", e.Fields)
	}
	err := fmt.Errorf("payroll: %w", e)
	for _, target := range []error{ErrValidation, ErrRejected, api.CodeValidationError, api.CodeRequired, api.CodeInsufficientFunds} {
		if !errors.Is(err, target) {
			t.Errorf("is not %v", target)
		}
	}
}

func TestFault087_OddEmbeddedErrorsAreTypedAllTheSame(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`{"code":"Invalid","message":"m","path":"/p"},`, 10_000), ",")
	for name, c := range map[string]struct {
		body   string
		fields int
	}{
		"no embedded":         {`{"code":"ValidationError","message":"m"}`, 0},
		"an object":           {`{"code":"ValidationError","_embedded":{"errors":{"code":"Invalid","path":"/p"}}}`, 1},
		"a null path":         {`{"code":"ValidationError","_embedded":{"errors":[{"code":"Invalid","path":null}]}}`, 1},
		"embedded in a field": {`{"code":"ValidationError","_embedded":{"errors":[{"code":"Invalid","_embedded":{"errors":[{"code":"Required"}]}}]}}`, 2},
		"ten thousand":        {`{"code":"ValidationError","_embedded":{"errors":[` + many + `]}}`, 10_000},
	} {
		t.Run(name, func(t *testing.T) {
			e := refuse(t, faultserver.Text(400, halType, c.body), want{OutcomeRejected, 1, 0})
			if len(e.Fields) != c.fields || !errors.Is(e, ErrValidation) || len(e.Error()) > 2000 {
				t.Errorf("%d fields, %d bytes of text", len(e.Fields), len(e.Error()))
			}
		})
	}
	e := refuse(t, faultserver.Text(400, halType, `{"code":"X","message":"`+strings.Repeat("m", 100_000)+`"}`), want{OutcomeRejected, 1, 0})
	if len(e.Error()) > 2000 {
		t.Errorf("%d bytes of text", len(e.Error()))
	}
}

func TestFault088_CodesAreComparedWithoutCaseAndUnknownOnesAreKept(t *testing.T) {
	for _, written := range []string{"invalidResourceState", "InvalidResourceState", "INVALID_RESOURCE_STATE", "Invalid Resource State"} {
		e := refuse(t, faultserver.Status(400, written), want{OutcomeRejected, 1, 0})
		if !errors.Is(e, api.CodeInvalidResourceState) || string(e.Code) != written {
			t.Errorf("%q became %q", written, e.Code)
		}
	}
	if e := refuse(t, faultserver.Status(400, "BrandNew"), want{OutcomeRejected, 1, 0}); e.Code != "BrandNew" || !errors.Is(e, Code("brand_new")) {
		t.Errorf("%q", e.Code)
	}
}

func TestFault089_OneStatusWithSeveralCodesIsSeveralErrors(t *testing.T) {
	codes := []Code{api.CodeForbidden, api.CodeInvalidResourceState, api.CodeInvalidIPAddress, "RtpNotEnabled"}
	for i, code := range codes {
		e := refuse(t, faultserver.Status(403, string(code)), want{OutcomeRejected, 1, 0})
		for j, other := range codes {
			if errors.Is(e, other) != (i == j) {
				t.Errorf("%q is %q: %v", code, other, i != j)
			}
		}
		if !errors.Is(e, ErrForbidden) {
			t.Error("is not forbidden")
		}
	}
}

func TestFault090_AnErrorThatIsNoJSONIsItsStatus(t *testing.T) {
	bodies := map[string]string{
		"a page": "<html>x</html>", "nothing": "", "truncated": `{"code":"Val`, "too large": strings.Repeat("x", maxErrorBody+10),
		"a list": "[]", "null": "null",
	}
	for name, body := range bodies {
		for status, w := range map[int]want{400: {OutcomeRejected, 1, 0}, 404: {OutcomeRejected, 1, 0}, 520: {OutcomeUnknown, 1, 0}} {
			t.Run(fmt.Sprint(status, " with ", name), func(t *testing.T) {
				e := refuse(t, faultserver.Text(status, "text/html", body), w)
				if e.StatusCode != status || len(e.Body()) > maxErrorBody || strings.Contains(e.Error(), "invalid character") || len(e.Error()) > 300 {
					t.Errorf("%v", e)
				}
			})
		}
	}
	t.Run("a body that breaks off", func(t *testing.T) {
		f := faultserver.Status(400, "ValidationError")
		f.End = faultserver.CutShort
		if e := refuse(t, f, want{OutcomeRejected, 1, 0}); e.StatusCode != 400 {
			t.Error(e)
		}
	})
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		r, _ := overSocket(t, p)
		r.bank.Always(faultserver.Text(500, "text/html", strings.Repeat("x", maxErrorBody*2)).Committed())
		r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 3, 1})
	})
}

func TestAnErrorSaysWhatItsAnswerIsNot(t *testing.T) {
	const redirected, foreign = "redirects are never followed", "not an answer of the API"
	for name, c := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"the first redirect":            {300, "", redirected},
		"a redirect that is an error":   {302, `{"code":"Forbidden","message":"m"}`, redirected},
		"the last redirect":             {399, "", redirected},
		"a page":                        {400, "<html>x</html>", foreign},
		"one byte":                      {400, "x", foreign},
		"an error without a code":       {400, `{"message":"m"}`, foreign},
		"nothing, which is nobody's":    {400, "", ""},
		"an error as Dwolla writes one": {400, `{"code":"Forbidden","message":"m"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := refuse(t, faultserver.Text(c.status, halType, c.body), want{OutcomeRejected, 1, 0})
			if got := e.Unwrap(); got == nil && c.want != "" || got != nil && got.Error() != c.want {
				t.Errorf("the cause is %v, want %q", got, c.want)
			}
		})
	}
}

func TestFault091_VariantsOfTheErrorBodyAreRead(t *testing.T) {
	for name, c := range map[string]struct{ media, body string }{
		"vnd.error": {"application/vnd.error+json", `{"code":"Invalid","message":"m","logref":"7"}`},
		"no type":   {"", `{"code":"Invalid","message":"m"}`},
		"charset":   {halType + "; charset=utf-8", `{"code":"Invalid","message":"m"}`},
	} {
		t.Run(name, func(t *testing.T) {
			if e := refuse(t, faultserver.Text(400, c.media, c.body), want{OutcomeRejected, 1, 0}); e.Code != "Invalid" || e.Message != "m" {
				t.Errorf("%+v", e)
			}
		})
	}
	t.Run("OAuth", func(t *testing.T) {
		r := inMemoryRig(t)
		r.answerToken(text(400, "application/json", `{"error":"invalid_request","error_description":"no grant type"}`))
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeAuthFailed, 0, 0})
		if !errors.Is(err, api.CodeInvalidRequest) {
			t.Error(err)
		}
	})
}

func TestFault092_ARefusalForGoodIsNotRetried(t *testing.T) {
	for status, code := range map[int]string{404: "NotFound", 410: "NotFound", 406: "InvalidVersion", 405: "MethodNotAllowed", 413: "FileTooLarge"} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			e := refuse(t, faultserver.Status(status, code), want{OutcomeRejected, 1, 0})
			if e.StatusCode != status || !errors.Is(e, Code(code)) || errors.Is(e, ErrNotFound) != (status == 404) {
				t.Error(e)
			}
		})
	}
}

func TestFault093_AFailureOfTheServerEndsUnknownWithItsRequestID(t *testing.T) {
	for _, code := range []string{"ServerError", "RequestTimeout"} {
		virtual(t, code, func(t *testing.T) {
			e := refuse(t, faultserver.Status(500, code), want{OutcomeUnknown, 3, 0})
			if e.RequestID != "req-problem" || !errors.Is(e, ErrServer) || !errors.Is(e, Code(code)) {
				t.Errorf("%+v", e)
			}
		})
	}
	virtual(t, "CF-RAY stands in", func(t *testing.T) {
		e := refuse(t, faultserver.Text(502, "text/html", "<html>").With("CF-RAY", "8f1"), want{OutcomeUnknown, 3, 0})
		if e.RequestID != "8f1" || !strings.Contains(e.Error(), "8f1") {
			t.Errorf("%+v", e)
		}
	})
}

func TestFault094_TheDuplicateIsReachableThroughTheSameOriginOnly(t *testing.T) {
	for href, foreign := range map[string]bool{faultserver.Base + "/customers/c1": false, "https://evil.test/customers/c1": true} {
		t.Run(href, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(faultserver.Text(400, halType, `{"code":"DuplicateResource","message":"m","_links":{"about":{"href":"`+href+`"}}}`))
			_, err := r.Customers.Create(t.Context(), CreateReceiveOnlyCustomer{})
			r.check(t, err, want{OutcomeRejected, 1, 0})
			e, _ := errors.AsType[*Error](err)
			if e.About.Href != href || !errors.Is(err, api.CodeDuplicateResource) {
				t.Fatalf("%+v", e)
			}
			_, err = Follow(t.Context(), r.Client, api.Retype[Customer](e.About))
			if errors.Is(err, ErrForeignLink) != foreign || (err == nil) == foreign {
				t.Error(err)
			}
			sends := 2
			if foreign {
				sends = 1
			}
			if n := len(r.bank.Requests()); n != sends {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestFault095_ErrorsAreFoundThroughEveryLayer(t *testing.T) {
	virtual(t, "unknown", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(500, "ServerError"), faultserver.Status(503, "Busy"), faultserver.Status(409, "Conflict"),
			faultserver.Status(409, "Conflict"), faultserver.Status(409, "Conflict"), faultserver.Status(409, "Conflict"))
		err := fmt.Errorf("payroll: %w", r.pay(t.Context()))
		r.check(t, err, want{OutcomeUnknown, 6, 0})
		unknown, ok := errors.AsType[*OutcomeUnknownError](err)
		last, ok2 := errors.AsType[*Error](err)
		if !ok || !ok2 || unknown.Err != last || unknown.CorrelationID != "rent-1" || unknown.First.IsZero() {
			t.Fatalf("%+v", unknown)
		}
		for _, target := range []error{ErrOutcomeUnknown, ErrConflict, api.CodeConflict} {
			if !errors.Is(err, target) {
				t.Errorf("is not %v", target)
			}
		}
		var history []int
		for _, before := range last.Earlier {
			history = append(history, before.StatusCode)
			if before.IdempotencyKey != last.IdempotencyKey || before.Attempts != len(history) {
				t.Errorf("%+v", before)
			}
		}
		if fmt.Sprint(history) != "[500 503 409 409 409]" || last.Attempts != 6 {
			t.Errorf("%v, %d attempts", history, last.Attempts)
		}
	})
	virtual(t, "a middleware's wrapping is kept", func(t *testing.T) {
		wrap := errors.New("seen by a middleware")
		r := inMemoryRig(t, WithMiddleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			resp, err := next(req)
			if err != nil {
				err = fmt.Errorf("%w: %w", wrap, err)
			}
			return resp, err
		}))
		r.bank.Always(faultserver.Status(500, ""))
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeUnknown, 3, 0})
		if !errors.Is(err, wrap) {
			t.Error(err)
		}
	})
}
