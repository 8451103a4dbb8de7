package dwolla

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// finish decodes an answer of 2xx.
func (c *caller) finish(e *pendingCall, resp *http.Response, dst any) error {
	data, err := readAll(resp, c.cfg.limits.Body)
	if err != nil {
		return e.badResponse(resp, err)
	}
	body := bytes.TrimSpace(data)
	if bytes.HasPrefix(body, []byte("<")) && (dst != nil || resp.Header.Get("Location") == "") {
		return e.notDwolla(resp, data)
	}
	if dst == nil {
		return nil
	}
	if resp.StatusCode == http.StatusNoContent || len(body) == 0 {
		return e.badResponse(resp, errors.New("the answer has no body"))
	}
	if _, any := dst.(anyTarget); !any && emptyObject(body) {
		return e.badResponse(resp, errors.New("the answer is an empty object"))
	}
	if err := wire.Unmarshal(body, dst); err != nil {
		bad := e.badResponse(resp, err)
		bad.body = newSecret(string(data))
		return bad
	}
	return nil
}

// emptyObject reports whether a text without space around it is {}: an answer, but no resource.
func emptyObject(body []byte) bool {
	return body[0] == '{' && len(bytes.TrimSpace(body[1:])) == 1 && body[len(body)-1] == '}'
}
