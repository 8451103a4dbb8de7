package dwollatest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

const halJSON = "application/vnd.dwolla.v1.hal+json"

// rig calls a server as any HTTP client would.
type rig struct {
	*dwollatest.Server
	t     *testing.T
	http  *http.Client
	base  string
	token string
}

func newRig(t *testing.T, opts ...dwollatest.Option) *rig {
	t.Helper()
	server := dwollatest.New(t, opts...)
	r := &rig{Server: server, t: t, http: server.Client(), base: server.URL()}
	r.authenticate()
	return r
}

// object is decoded JSON.
type jsonObject map[string]any

// at follows names, and numbers into arrays, separated by spaces.
func (o jsonObject) at(path string) any {
	var here any = map[string]any(o)
	for name := range strings.SplitSeq(path, " ") {
		switch v := here.(type) {
		case map[string]any:
			here = v[name]
		case []any:
			here = v[int(name[0]-'0')]
		default:
			return nil
		}
	}
	return here
}

func (o jsonObject) text(path string) string {
	text, _ := o.at(path).(string)
	return text
}

func (o jsonObject) href(rel string) string { return o.text("_links " + rel + " href") }

func (o jsonObject) rels() []string {
	var out []string
	found, _ := o["_links"].(map[string]any)
	for name := range found {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// answer is what came back.
type answer struct {
	status   int
	header   http.Header
	body     jsonObject
	raw      []byte
	location string
}

func (a answer) code() string { return a.body.text("code") }

// problem is the first finding of a validation, as "code path".
func (a answer) problem() string {
	return a.body.text("_embedded errors 0 code") + " " + a.body.text("_embedded errors 0 path")
}

func (r *rig) authenticate() {
	r.t.Helper()
	request := r.request(http.MethodPost, "/token", strings.NewReader("grant_type=client_credentials"))
	request.SetBasicAuth(r.Key(), r.Secret())
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.token = r.send(request).body.text("access_token")
	if r.token == "" {
		r.t.Fatal("got no token")
	}
}

func (r *rig) request(method, target string, body io.Reader) *http.Request {
	r.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = r.base + target
	}
	out, err := http.NewRequestWithContext(r.t.Context(), method, target, body)
	if err != nil {
		r.t.Fatal(err)
	}
	out.Header.Set("Accept", halJSON)
	out.Header.Set("Authorization", "Bearer "+r.token)
	return out
}

func (r *rig) send(request *http.Request) answer {
	r.t.Helper()
	out, err := r.try(request)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

func (r *rig) try(request *http.Request) (answer, error) {
	response, err := r.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	out := answer{status: response.StatusCode, header: response.Header, raw: raw, location: response.Header.Get("Location")}
	if len(raw) > 0 && json.Valid(raw) {
		err = json.Unmarshal(raw, &out.body)
	}
	return out, err
}

// wire fails the test unless the answer has the status and its bytes have every one of the texts.
func (r *rig) wire(what string, got answer, status int, texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		if !bytes.Contains(got.raw, []byte(text)) {
			r.t.Errorf("%s: %s is not in %d %s", what, text, got.status, got.raw)
		}
	}
	if got.status != status {
		r.t.Errorf("%s: got %d %s, want %d", what, got.status, got.raw, status)
	}
}

// get reads what must be there.
func (r *rig) get(target string) jsonObject {
	r.t.Helper()
	out := r.call(http.MethodGet, target, nil)
	if out.status != http.StatusOK {
		r.t.Fatalf("GET %s: %d %s", target, out.status, out.raw)
	}
	return out.body
}

func (r *rig) call(method, target string, body any, headers ...string) answer {
	r.t.Helper()
	var reader io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	request := r.request(method, target, reader)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return r.send(request)
}

func (r *rig) post(target string, body any, headers ...string) answer {
	r.t.Helper()
	return r.call(http.MethodPost, target, body, headers...)
}

// create posts what must be taken and returns its URL.
func (r *rig) create(target string, body any) string {
	r.t.Helper()
	out := r.post(target, body)
	if out.status != http.StatusCreated || out.location == "" {
		r.t.Fatalf("POST %s: %d %s", target, out.status, out.raw)
	}
	return out.location
}

// simulate asks the sandbox to process what is at the banks.
func (r *rig) simulate() {
	r.t.Helper()
	if out := r.post("/sandbox-simulations", jsonObject{}); out.status != http.StatusOK {
		r.t.Fatalf("simulate: %d %s", out.status, out.raw)
	}
}

// topics are those of all events, the oldest first.
func (r *rig) topics() []string {
	r.t.Helper()
	var out []string
	for _, e := range r.all("/events?limit=200", "events") {
		out = append(out, e.text("topic"))
	}
	slices.Reverse(out)
	return out
}

// all reads every page of a list.
func (r *rig) all(target, name string) []jsonObject {
	r.t.Helper()
	var out []jsonObject
	for target != "" {
		page := r.get(target)
		entries, _ := page.at("_embedded " + name).([]any)
		for _, entry := range entries {
			out = append(out, entry.(map[string]any))
		}
		target = page.href("next")
	}
	return out
}

func (r *rig) expect(what string, got, want any) {
	r.t.Helper()
	if got != want {
		r.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (r *rig) wants(what string, got []string, wanted ...string) {
	r.t.Helper()
	for _, want := range wanted {
		if !slices.Contains(got, want) {
			r.t.Errorf("%s: %q is not among %q", what, want, got)
		}
	}
}

func usd(value string) jsonObject { return jsonObject{"value": value, "currency": "USD"} }

func href(target string) jsonObject { return jsonObject{"href": target} }

func query(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return "?" + values.Encode()
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
