package dwolla

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// decode reads a successful answer into what the caller wants. It is outside the user's middleware, which sees the
// answer as it came and may replace it.
func (c *caller) decode(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		resp, err := next(req)
		if err != nil {
			return resp, err
		}
		p := pendingCallOf(req)
		if resp == nil || resp.Body == nil {
			return nil, p.noAnswer()
		}
		err = decodeAnswer(p, resp, c.cfg.limits.Body)
		if len(c.cfg.middleware) == 0 { // middleware may keep the body
			recycleBody(resp.Body)
		}
		return resp, err
	}
}

func decodeAnswer(p *pendingCall, resp *http.Response, limit int64) error {
	data, err := bodyBytes(resp, limit)
	if err != nil {
		return p.badDocument(resp, err, nil)
	}
	body := bytes.TrimSpace(data)
	if bytes.HasPrefix(body, []byte("<")) && (p.dst != nil || resp.Header.Get("Location") == "") {
		return p.badDocument(resp, errNotAPI, data)
	}
	if p.dst == nil {
		return nil
	}
	if resp.StatusCode == http.StatusNoContent || len(body) == 0 {
		return p.badDocument(resp, errors.New("the answer has no body"), nil)
	}
	if _, any := p.dst.(anyTarget); !any && isEmptyObject(body) {
		return p.badDocument(resp, errors.New("the answer is an empty object"), nil)
	}
	if err := wire.Unmarshal(body, p.dst); err != nil {
		return p.badDocument(resp, err, data)
	}
	return nil
}

// isEmptyObject reports whether a body without space around it is {}, which is valid JSON and no resource.
func isEmptyObject(body []byte) bool {
	return body[0] == '{' && len(bytes.TrimSpace(body[1:])) == 1 && body[len(body)-1] == '}'
}
