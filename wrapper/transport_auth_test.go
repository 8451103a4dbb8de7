package dwolla

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestATokenThatCannotBeRenewedEndsTheCall(t *testing.T) {
	virtual(t, "after a refusal", func(t *testing.T) {
		r := inMemoryRig(t)
		r.answerToken(func(w http.ResponseWriter) {
			text(200, "application/json", `{"access_token":"unknown","token_type":"Bearer","expires_in":3600}`)(w)
		}, text(401, "application/json", `{"error":"invalid_client"}`))
		r.check(t, r.pay(t.Context()), want{OutcomeAuthFailed, 1, 0})
		r.tokens(t, 2)
	})
	virtual(t, "after an unknown outcome", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Fault = func(n int, _ *http.Request) *faultserver.Fault {
			if n == 1 {
				r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool {
					text(401, "application/json", `{"error":"invalid_client"}`)(w)
					return true
				}
				return faultserver.Status(500, "").Committed()
			}
			return faultserver.Status(401, "InvalidAccessToken")
		}
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeUnknown, 2, 1})
		if !errors.Is(err, Code("invalid_client")) {
			t.Error(err)
		}
	})
	virtual(t, "a token whose answer breaks off", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool {
			text(200, "application/json", strings.Repeat(" ", maxTokenBody+1))(w)
			return true
		}
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeNotSent, 0, 0})
		if !errors.Is(err, ErrTooLarge) {
			t.Error(err)
		}
	})
	virtual(t, "a token endpoint that asks for patience", func(t *testing.T) {
		r := inMemoryRig(t)
		limited := func(seconds string) func(http.ResponseWriter) {
			return func(w http.ResponseWriter) {
				w.Header().Set("Retry-After", seconds)
				text(429, "application/json", `{"error":"slow_down"}`)(w)
			}
		}
		r.answerToken(limited("5"), limited("300"))
		started := time.Now()
		r.check(t, r.pay(t.Context()), want{OutcomeRateLimited, 0, 0})
		if d := time.Since(started); d < 5*time.Second || d > 7*time.Second {
			t.Errorf("after %s", d)
		}
	})
}

func TestFault031_ARefusedTokenIsRenewedOnce(t *testing.T) {
	for _, code := range []string{"ExpiredAccessToken", "InvalidAccessToken"} {
		virtual(t, code, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(faultserver.Status(401, code))
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
			r.tokens(t, 2)
			if sent := r.bank.Requests(); sent[0].Token == sent[1].Token {
				t.Error("the replay carries the refused token")
			}
		})
		virtual(t, code+" again", func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(faultserver.Status(401, code))
			err := r.pay(t.Context())
			r.check(t, err, want{OutcomeAuthFailed, 2, 0})
			r.tokens(t, 2)
			if !errors.Is(err, ErrUnauthorized) {
				t.Error(err)
			}
		})
		virtual(t, code+" after a failure is still unknown", func(t *testing.T) {
			r := inMemoryRig(t)
			refused := faultserver.Status(401, code)
			r.bank.Script(faultserver.Status(500, "ServerError").Committed(), refused, refused)
			r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 3, 1})
		})
	}
}

func TestFault032_ARefusedApplicationFetchesNoOtherToken(t *testing.T) {
	for _, code := range []string{"InvalidCredentials", "InvalidScopes", "InvalidAccountStatus", "InvalidApplicationStatus"} {
		virtual(t, code, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(faultserver.Status(401, code))
			err := r.pay(t.Context())
			r.check(t, err, want{OutcomeAuthFailed, 1, 0})
			r.tokens(t, 1)
			if !errors.Is(err, Code(code)) {
				t.Error(err)
			}
		})
	}
}

func TestFault047_AnUploadIsReplayedWholeWithANewToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(401, "ExpiredAccessToken"))
		_, err := r.Documents.CreateForCustomer(t.Context(), "customer", CreateDocument{
			DocumentType: DocumentTypePassport,
			File:         File{Name: "passport.png", Content: strings.NewReader("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 1000))},
		})
		r.check(t, err, want{OutcomeOK, 2, 1})
		if sent := r.bank.Requests(); sent[0].BodyHash != sent[1].BodyHash {
			t.Error("the replay sent other bytes")
		}
	})
}

func TestFault194_ATokenIsDroppedAfterAnyRefusal(t *testing.T) {
	for name, refusal := range map[string]*faultserver.Fault{
		"nothing":             faultserver.Text(401, "", ""),
		"a page":              faultserver.Text(401, "text/html", "<html>no</html>"),
		"another code":        faultserver.Text(401, halType, `{"code":"Unauthorized","message":"no"}`),
		"OAuth's code":        faultserver.Text(401, halType, `{"error":"invalid_token"}`),
		"Dwolla's code":       faultserver.Status(401, "ExpiredAccessToken"),
		"invalid credentials": faultserver.Status(401, "InvalidCredentials"),
	} {
		virtual(t, name, func(t *testing.T) { // a token is revoked hours before its end
			r := inMemoryRig(t)
			r.bank.TokenLife = 24 * time.Hour
			revoked := ""
			r.bank.Fault = func(_ int, req *http.Request) *faultserver.Fault {
				if req.Header.Get("Authorization") == revoked {
					return refusal
				}
				return nil
			}
			if err := r.read(t.Context()); err != nil && !errors.Is(err, ErrNotFound) {
				t.Fatal(err)
			}
			revoked = "Bearer " + r.bank.Requests()[0].Token
			failed := 0
			for range 20 {
				if err := r.read(t.Context()); errors.Is(err, ErrUnauthorized) {
					failed++
				}
				time.Sleep(time.Hour)
			}
			if failed > 1 || r.bank.Tokens() != 2 {
				t.Errorf("%d of 20 calls failed, with %d tokens", failed, r.bank.Tokens())
			}
		})
	}
	virtual(t, "but a refused application does not flood the token endpoint", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Text(401, halType, `{"code":"InvalidAccountStatus","message":"no"}`))
		for range 100 {
			_ = r.read(t.Context())
		}
		if n := r.bank.Tokens(); n > 2 {
			t.Errorf("%d tokens for 100 calls in a moment", n)
		}
		if n := len(r.bank.Requests()); n != 100 {
			t.Errorf("%d requests: something was replayed", n)
		}
	})
	virtual(t, "and a late refusal of an old token drops no new one", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Text(401, "", "").After(time.Minute), faultserver.Status(401, "ExpiredAccessToken"))
		done := make(chan error)
		go func() { done <- r.read(t.Context()) }()
		synctest.Wait()
		_ = r.read(t.Context()) // drops the same token, and gets a new one
		<-done
		_ = r.read(t.Context())
		if n := r.bank.Tokens(); n != 2 {
			t.Errorf("%d tokens", n)
		}
	})
}
