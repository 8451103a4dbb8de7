package dwolla

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestATextOfTheServerIsTruncated(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("a", 512):       strings.Repeat("a", 512),
		strings.Repeat("a", 513):       strings.Repeat("a", 512) + "…",
		strings.Repeat("a", 511) + "ü": strings.Repeat("a", 511) + "…",
	} {
		if got := bounded(text); got != want {
			t.Errorf("%d bytes: got %q", len(text), got)
		}
	}
}

func TestAnErrorSaysWhatItsAnswerIsNot(t *testing.T) {
	const redirected, foreign = "redirects are never followed", "not an answer of the API"
	for name, c := range map[string]struct {
		status int
		body   string
		want   string
		ends   Outcome
	}{
		"the first redirect":            {300, "", redirected, OutcomeUnknown},
		"a redirect that is an error":   {302, `{"code":"Forbidden","message":"m"}`, redirected, OutcomeUnknown},
		"the last redirect":             {399, "", redirected, OutcomeUnknown},
		"a page":                        {400, "<html>x</html>", foreign, OutcomeUnknown},
		"one byte":                      {400, "x", foreign, OutcomeUnknown},
		"an error without a code":       {400, `{"message":"m"}`, foreign, OutcomeUnknown},
		"nothing, which is nobody's":    {400, "", foreign, OutcomeUnknown},
		"an error as Dwolla writes one": {400, `{"code":"Forbidden","message":"m"}`, "", OutcomeRejected},
	} {
		t.Run(name, func(t *testing.T) {
			e := refuse(t, faultserver.Text(c.status, halType, c.body), want{c.ends, 1, 0})
			if got := e.Unwrap(); got == nil && c.want != "" || got != nil && got.Error() != c.want {
				t.Errorf("the cause is %v, want %q", got, c.want)
			}
		})
	}
}

func TestFault086_EveryFieldErrorIsReachable(t *testing.T) {
	e := refuse(t, faultserver.Text(400, halType, `{"code":"ValidationError","message":"Validation error(s) present.","_embedded":{"errors":[
		{"code":"Required","message":"Amount required.","path":"/amount/value"},
		{"code":"InsufficientFunds","message":"Not enough.","path":"/_links/source/href","_links":{"about":{"href":"/x"}}}]}}`), want{OutcomeRejected, 1, 0})
	if len(e.Fields) != 2 || e.Fields[0].Path != "/amount/value" || e.Fields[1].Message != "Not enough." || e.Fields[1].Links["about"].Href != "/x" {
		t.Errorf("%+v", e.Fields)
	}
	err := fmt.Errorf("payroll: %w", e)
	for _, target := range []error{ErrValidation, ErrRejected, CodeValidationError, CodeRequired, CodeInsufficientFunds} {
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
		if !errors.Is(e, CodeInvalidResourceState) || string(e.Code) != written {
			t.Errorf("%q became %q", written, e.Code)
		}
	}
	if e := refuse(t, faultserver.Status(400, "BrandNew"), want{OutcomeRejected, 1, 0}); e.Code != "BrandNew" || !errors.Is(e, Code("brand_new")) {
		t.Errorf("%q", e.Code)
	}
}

func TestFault089_OneStatusWithSeveralCodesIsSeveralErrors(t *testing.T) {
	codes := []Code{CodeForbidden, CodeInvalidResourceState, CodeInvalidIPAddress, "RtpNotEnabled"}
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
		for status, w := range map[int]want{400: {OutcomeUnknown, 1, 0}, 404: {OutcomeUnknown, 1, 0}, 520: {OutcomeUnknown, 3, 0}} {
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
		if e := refuse(t, f, want{OutcomeUnknown, 1, 0}); e.StatusCode != 400 {
			t.Error(e)
		}
	})
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		r, _ := overSocket(t, p)
		r.bank.Always(faultserver.Text(500, "text/html", strings.Repeat("x", maxErrorBody*2)).Committed())
		r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 3, 1})
	})
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
		if !errors.Is(err, CodeInvalidRequest) {
			t.Error(err)
		}
	})
}

func TestFault276_ARefusalOfFiveThousandItemsIsReadWhole(t *testing.T) {
	const items = 5000
	list := make([]string, items)
	for i := range list {
		list[i] = fmt.Sprintf(`{"code":"InvalidAmount","message":%q,"path":"/items/%d/amount/value","_links":{}}`, strings.Repeat("The amount is not one that can be paid. ", 15), i)
	}
	body := fmt.Sprintf(`{"code":"ValidationError","message":"m","_embedded":{"errors":[%s]}}`, strings.Join(list, ","))
	e := refuse(t, faultserver.Text(400, halType, body), want{OutcomeRejected, 1, 0})
	if len(body) < 3<<20 || e.Code != CodeValidationError || len(e.Fields) != items || e.Fields[items-1].Path != "/items/4999/amount/value" {
		t.Errorf("of %d bytes: %d fields, %v", len(body), len(e.Fields), e)
	}
}

func TestFault277_AnErrorWhoseBodyIsTooLargeNamesTheLimit(t *testing.T) {
	body := `{"code":"ValidationError","message":"` + strings.Repeat("x", 4<<20) + `"}`
	e := refuse(t, faultserver.Text(400, halType, body), want{OutcomeUnknown, 1, 0})
	if text := e.Error(); !errors.Is(e, ErrTooLarge) || !strings.Contains(text, "4194304 bytes") || !strings.Contains(text, "Limits.ErrorBody") || strings.Contains(text, "not an answer of the API") {
		t.Errorf("%v", e)
	}
	for name, c := range map[string]struct {
		limits Limits
		status int
		want   string
	}{
		"of a read":    {Limits{ErrorBody: 100}, 404, "larger than the 100 bytes of Limits.ErrorBody"},
		"of a success": {Limits{Body: 200}, 200, "larger than the 200 bytes of Limits.Body"},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t, WithLimits(c.limits))
			r.bank.Always(faultserver.Text(c.status, halType, body))
			if err := r.read(t.Context()); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), c.want) {
				t.Error(err)
			}
		})
	}
	virtual(t, "of a token", func(t *testing.T) {
		r := inMemoryRig(t, WithLimits(Limits{TokenBody: 300}))
		large := text(200, "application/json", `{"access_token":"`+strings.Repeat("x", 400)+`"}`)
		r.answerToken(large, large, large)
		if err := r.read(t.Context()); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "larger than the 300 bytes of Limits.TokenBody") {
			t.Error(err)
		}
	})
}

// FuzzErrorBody: an error says where it comes from, whatever the body is, and bounds what it quotes.
func FuzzErrorBody(f *testing.F) {
	f.Add(400, []byte(`{"code":"ValidationError","message":"m","_embedded":{"errors":[{"code":"Required","path":"/ssn"}]}}`))
	f.Add(401, []byte(`{"error":"invalid_client","error_description":"d"}`))
	f.Add(502, []byte(`<html>`))
	f.Add(500, []byte(`{"_embedded":{"errors":{"code":1}}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		status = 300 + (status&0x7fffffff)%300
		e := &pendingCall{op: &call.Op{Name: "Op", Method: http.MethodPost, Path: "/x"}, key: "k"}
		resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: newMemoryBody(body)}
		err := e.answerError(resp)
		redactError(err, secretsOf("Bearer canary-token", nil, nil))
		if err.StatusCode != status || err.Outcome == "" || err.Outcome == OutcomeOK || len(err.Error()) > 16<<10 {
			t.Fatalf("%d %q: %q of %d bytes", status, body, err.Outcome, len(err.Error()))
		}
		if strings.Contains(err.Error(), "canary-token") {
			t.Fatalf("%d %q: %v", status, body, err)
		}
		if _, parsed := api.ParseErrorBody(body); parsed && !bytes.Equal(err.Body(), body) {
			t.Fatalf("the body is not kept: %q", err.Body())
		}
	})
}

func TestFault370_AnErrorWithTwoCodesIsNoAnswerOfTheAPI(t *testing.T) {
	for body, outcome := range map[string]Outcome{
		`{"code":"ValidationError","message":"m"}`:                                                                    OutcomeRejected,
		`{"code":"ServerError","message":"m","code":"ValidationError"}`:                                               OutcomeUnknown,
		`{"code":"ValidationError","code":"ValidationError"}`:                                                         OutcomeUnknown,
		`{"code":"ValidationError","c\u006fde":"Forbidden"}`:                                                          OutcomeUnknown,
		`{"code":"ValidationError","message":"m","_embedded":{"errors":[{"code":"Required","path":"/a"}]}}`:           OutcomeRejected,
		`{"_embedded":{"errors":[{"code":"ServerError","code":"Required","path":"/a"}]},"message":"m"}`:               OutcomeUnknown,
		`{"_embedded":{"errors":[]},"code":"ValidationError","_embedded":{"errors":[{"code":"Required"}]}}`:           OutcomeUnknown,
		`{"code":"ValidationError","message":"code","_embedded":{"errors":[{"code":"Required"},{"code":"Invalid"}]}}`: OutcomeRejected,
	} {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Text(400, halType, body))
		r.check(t, r.pay(t.Context()), want{outcome, 1, 0})
		if err := r.read(t.Context()); OutcomeOf(err) != OutcomeRejected {
			t.Errorf("%s, a read: %v", body, err)
		}
	}
	for body, outcome := range map[string]Outcome{
		``: OutcomeOK, `{"code":"ServerError"}`: OutcomeUnknown, `{"code":"ServerError","code":"x"}`: OutcomeUnknown,
	} {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Text(201, halType, body).With("Location", at+"/transfers/x"))
		if err := r.pay(t.Context()); OutcomeOf(err) != outcome {
			t.Errorf("201 with %s: outcome %q: %v", body, OutcomeOf(err), err)
		}
	}
}
