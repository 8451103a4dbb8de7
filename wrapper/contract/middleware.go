package contract

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
)

// Middleware checks everything that goes through next, a server that plays Dwolla.
//
// Unless v has [WithReport], a request that breaks the contract does not reach next and is answered with
// 400; an answer that breaks it is replaced by 500. Both bodies are errors in Dwolla's form, with the
// code ContractViolation and the violations as the message. Answers are held back until next returns, so streaming
// and hijacking do not work through it.
func Middleware(next http.Handler, v *Validator) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := v.CheckRequest(req); err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		answer := &recorder{header: http.Header{}}
		next.ServeHTTP(answer, req)
		answer.WriteHeader(http.StatusOK) // what net/http does for a handler that wrote nothing
		if err := v.CheckResponse(req, answer.status, answer.sent, answer.body.Bytes()); err != nil {
			refuse(w, http.StatusInternalServerError, err)
			return
		}
		answer.sendTo(w)
	})
}

func refuse(w http.ResponseWriter, status int, violations error) {
	w.Header().Set("Content-Type", mediaHAL)
	w.WriteHeader(status)
	body := map[string]string{"code": "ContractViolation", "message": violations.Error()}
	if err := json.NewEncoder(w).Encode(body); err != nil {
		return // the client is gone
	}
}

// A recorder buffers an answer.
type recorder struct {
	header http.Header
	sent   http.Header // header as it was when the status was written
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status != 0 || status < http.StatusOK {
		return // only the first final status counts
	}
	r.status, r.sent = status, r.header.Clone()
}

func (r *recorder) Write(data []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(data)
}

// sendTo passes the answer on.
func (r *recorder) sendTo(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.sent)
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body.Bytes()) // the client is gone if it fails
}
