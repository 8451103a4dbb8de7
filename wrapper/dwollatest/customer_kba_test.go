package dwollatest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSandboxKBAPassedAndFailed(t *testing.T) {
	r := newRig(t)
	choose := func(right int) jsonObject {
		k := r.create("/customers", person("kba", strings.Repeat("k", right+1)+"@example.com"))
		session := r.get(r.create(k+"/kba", nil))
		var answers []jsonObject
		for i, q := range session["questions"].([]any) {
			question := jsonObject(q.(map[string]any))
			options := question["answers"].([]any)
			pick := jsonObject(options[0].(map[string]any))
			if i < right {
				pick = options[len(options)-1].(map[string]any)
				if text := pick.text("text"); text != "None of the above" && text != "I have never been associated with this vehicle" {
					t.Errorf("the last answer is %q", text)
				}
			}
			answers = append(answers, jsonObject{"questionId": question.text("id"), "answerId": pick.text("id")})
		}
		out := r.post(session.href("answer"), jsonObject{"answers": answers})
		r.expect("answer", out.status, http.StatusOK)
		again := r.post(session.href("answer"), jsonObject{"answers": answers})
		r.expect("answer twice", again.code(), "InvalidResourceState")
		return r.get(out.body.href("customer"))
	}
	r.expect("all right", choose(4).text("status"), "verified")
	r.expect("three right", choose(3).text("status"), "verified")
	r.expect("two right", choose(2).text("status"), "document")
	r.wants("topics", r.topics(), "customer_kba_verification_passed", "customer_kba_verification_failed")

	k := r.create("/customers", person("kba", "late@example.com"))
	session := r.create(k+"/kba", nil)
	r.get(session)
	r.Advance(2*time.Minute + time.Second)
	r.expect("two minutes later", r.call(http.MethodGet, session, nil).status, http.StatusForbidden)
}
