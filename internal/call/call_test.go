package call

import (
	"context"
	"errors"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

// A fake caller answers every request in one way, and keeps the last one.
type fake struct {
	resp *Response
	err  error
	last *Request
}

func (f *fake) Call(_ context.Context, req *Request, dst any) (*Response, error) {
	f.last = req
	if s, ok := dst.(*string); ok {
		*s = "read"
	}
	return f.resp, f.err
}

func TestAQueryKeepsTheOrderOfItsParameters(t *testing.T) {
	var q Query
	q.Add("search=a+b%26c", nil)
	q.Add("b=1", nil)
	if got, err := q.Encode(); got != "search=a+b%26c&b=1" || err != nil {
		t.Errorf("%s: %v", got, err)
	}
}

func TestAQueryKeepsTheFirstError(t *testing.T) {
	var q Query
	first := errors.New("first")
	q.Add("", first)
	q.Add("", errors.New("second"))
	if _, err := q.Encode(); !errors.Is(err, first) {
		t.Error(err)
	}
}

func TestABodyThatIsLeftOutIsNoBody(t *testing.T) {
	if Optional[int](nil) != nil {
		t.Error("a nil pointer is a body")
	}
	if n := 1; Optional(&n) != any(&n) {
		t.Error("the body is another one")
	}
}

func TestACallWithoutAClient(t *testing.T) {
	_, err := Create[api.Object](t.Context(), nil, &Request{})
	for _, err := range []error{err, Do(t.Context(), nil, &Request{}), Follow(t.Context(), nil, "/x", nil, nil)} {
		if !errors.Is(err, ErrNoClient) {
			t.Error(err)
		}
	}
}

func TestCreateRefersToWhatWasCreated(t *testing.T) {
	c := &fake{resp: &Response{Location: "https://h/customers/x", ID: "x"}}
	ref, err := Create[api.Object](t.Context(), c, &Request{})
	if err != nil {
		t.Fatal(err)
	}
	if ref.Href != "https://h/customers/x" {
		t.Errorf("%+v", ref)
	}
	c.err = errors.New("refused")
	if ref, err := Create[api.Object](t.Context(), c, &Request{}); ref != nil || !errors.Is(err, c.err) {
		t.Errorf("%v and %v", ref, err)
	}
}

func TestFollowReadsAnHref(t *testing.T) {
	c := &fake{}
	var out string
	if err := Follow(t.Context(), c, "/x", nil, &out); err != nil || out != "read" {
		t.Errorf("%q: %v", out, err)
	}
	if c.last.Href != "/x" || c.last.Op.Method != "GET" {
		t.Errorf("%+v", c.last)
	}
}
