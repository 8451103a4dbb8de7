package dwolla_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/testkit"
)

// A modelWorld carries a program out in virtual time, and judges the client by what others see: the server, the transport,
// the readers and the clock. It knows nothing of the client but its documents.
type modelWorld struct {
	program modelProgram
	base    string
	server  http.RoundTripper // without faults
	paid    func() int        // how many writes the server has carried out; nil if only Locations tell
	revoke  func()
	links   [2]string // source and destination of payments
	release chan struct{}
	clients []*dwolla.Client
	shut    func()

	mu          sync.Mutex
	broken      []string
	calls       []*modelCall
	commits     []modelCommit
	sent        map[string]modelSent // by key
	bodies      []*modelBody
	tokenFaults []modelFault
	unknown     []modelRecord
}

// A modelCall is one call of the program.
type modelCall struct {
	world   *modelWorld
	step    modelStep
	id      string
	chain   string // the call that it resends, or itself
	key     string // of its requests
	trips   int
	ended   time.Time
	err     error
	result  string // the id that the client returned
	listed  []string
	stopped bool // the program broke off the list
	start   time.Time
}

// over reports whether the call has ended before now. What happens in the instant of its end was begun before. The caller
// holds the lock.
func (r *modelCall) over() bool { return !r.ended.IsZero() && time.Now().After(r.ended) }

type modelCommit struct {
	call *modelCall
	id   string
	key  string
	at   time.Time // by the clock of the server
}

type modelSent struct {
	what  string
	at    time.Time
	chain string
}

// A modelRecord is an unknown outcome as a process would write it down.
type modelRecord struct {
	text []byte
	call *modelCall
	// first is when the server can have seen it first.
	first time.Time
}

const modelSecret = "secret-canary"

func newModelWorld(p modelProgram) *modelWorld {
	w := &modelWorld{program: p, release: make(chan struct{}), sent: map[string]modelSent{}, shut: func() {}, revoke: func() {}}
	if p.Sandbox {
		server, err := dwollatest.NewServer(dwollatest.WithInvalidRequests(), dwollatest.WithCredentials("key", modelSecret), dwollatest.WithClock(w.now))
		if err != nil {
			panic(err)
		}
		_, bank := server.AddReceiver("Ada Byron")
		w.base, w.server, w.shut = server.URL(), server.Client().Transport, server.Close
		w.links = [2]string{server.AccountBalance().Href, bank.Href}
	} else {
		bank := &faultserver.Bank{Now: w.now}
		w.base, w.server, w.paid, w.revoke = faultserver.Base, bank.Memory(), bank.Ledger.Len, bank.Revoke
		w.links = [2]string{w.base + "/funding-sources/payer", w.base + "/funding-sources/payee"}
	}
	for _, s := range p.Clients {
		w.clients = append(w.clients, w.client(s))
	}
	return w
}

func (w *modelWorld) now() time.Time { return time.Now().Add(w.program.Skew) }

func (w *modelWorld) client(s modelSettings) *dwolla.Client {
	opts := []dwolla.Option{
		dwolla.WithBaseURL(w.base),
		dwolla.WithHTTPClient(&http.Client{Transport: w, Timeout: s.Timeout}),
		dwolla.WithMiddleware(w.middleware(func(s modelStep) string { return s.Outer }), w.middleware(func(s modelStep) string { return s.Inner })),
		dwolla.WithTimeouts(dwolla.Timeouts{Attempt: s.Attempt, SlowAttempt: s.Attempt}),
	}
	retries := dwolla.Retries{MaxAttempts: s.Attempts, ConflictPolls: s.Polls, Budget: dwolla.Budget{Off: s.NoBudget}}
	switch s.Rule {
	case "always":
		retries.If = func(*dwolla.Error) bool { return true }
	case "panics":
		retries.If = func(*dwolla.Error) bool { panic("the rule panics") }
	case "goexit":
		retries.If = func(*dwolla.Error) bool { runtime.Goexit(); return true }
	case "deaf":
		retries.If = func(*dwolla.Error) bool { <-w.release; return true }
	}
	opts = append(opts, dwolla.WithRetries(retries))
	if s.Logger != "" {
		opts = append(opts, dwolla.WithLogger(slog.New(modelLogger{w, s.Logger})))
	}
	c, err := dwolla.NewClient(dwolla.Sandbox, "key", modelSecret, opts...)
	if err != nil {
		panic(err)
	}
	return c
}

type modelLogger struct {
	world *modelWorld
	harm  string
}

func (l modelLogger) Enabled(context.Context, slog.Level) bool { return true }
func (l modelLogger) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l modelLogger) WithGroup(string) slog.Handler            { return l }
func (l modelLogger) Handle(context.Context, slog.Record) error {
	l.world.harm(l.harm)
	return nil
}

// harm is what code of the user's may do wherever it is called.
func (w *modelWorld) harm(kind string) {
	switch kind {
	case "panics":
		panic("code of the user's panics")
	case "goexit":
		runtime.Goexit()
	case "deaf":
		<-w.release
	}
}

func (w *modelWorld) fail(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = append(w.broken, fmt.Sprintf(format, args...))
}

// run carries the program out and returns what was broken.
func (w *modelWorld) run() []string {
	for i := 0; i < len(w.program.Steps); {
		var group sync.WaitGroup
		for first := true; i < len(w.program.Steps) && (first || w.program.Steps[i].With); i, first = i+1, false {
			s := w.program.Steps[i]
			switch s.Do {
			case "":
			case "wait":
				modelPass(s.For)
			case "revoke":
				w.revoke()
			default:
				group.Go(func() { w.call(i, s) })
				synctest.Wait()
			}
		}
		group.Wait()
	}
	close(w.release)
	synctest.Wait()
	modelPass(10 * time.Minute)
	w.shut()
	synctest.Wait()
	w.judge()
	return w.broken
}

func modelPass(d time.Duration) { <-time.After(d) }

// call makes a call in a goroutine of its own, and looks at how it ends.
func (w *modelWorld) call(i int, s modelStep) {
	r := &modelCall{world: w, step: s, id: fmt.Sprintf("call-%d", i), start: time.Now()}
	r.chain = r.id
	var record *modelRecord
	if s.Do == "resend" || s.Do == "reconcile" {
		if record = w.lastUnknown(s.Do); record == nil {
			return
		}
		r.chain, r.step.Intent = record.call.chain, record.call.step.Intent
	}
	w.mu.Lock()
	w.calls = append(w.calls, r)
	w.tokenFaults = append(w.tokenFaults, s.TokenFaults...)
	w.mu.Unlock()

	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), modelCallKey{}, r), 30*time.Minute)
	defer cancel()
	switch {
	case s.Cancel < 0:
		cancel()
	case s.Cancel > 0 && s.Deadline:
		ctx, cancel = context.WithTimeout(ctx, s.Cancel)
		defer cancel()
	case s.Cancel > 0:
		timer := time.AfterFunc(s.Cancel, cancel)
		defer timer.Stop()
	}
	var ended time.Time
	var ends sync.Mutex
	context.AfterFunc(ctx, func() { ends.Lock(); defer ends.Unlock(); ended = time.Now() })

	done := make(chan error, 1)
	go func() {
		var err error
		defer func() { done <- err }()
		returned := false
		defer func() {
			if p := recover(); p != nil {
				w.fail("%s: a panic escapes: %v", r.id, p)
			} else if !returned {
				w.fail("%s: the goroutine of the caller was ended", r.id)
			}
		}()
		err = r.do(ctx, w.clients[s.Client%len(w.clients)], record)
		returned = true
	}()
	select {
	case r.err = <-done:
	case <-time.After(time.Hour):
		w.fail("%s: has not returned half an hour after its context ended", r.id)
		return
	}
	ends.Lock()
	if late := time.Since(ended); !ended.IsZero() && late > 50*time.Millisecond {
		w.fail("%s: returns %v after its context ended: %v", r.id, late, r.err)
	}
	ends.Unlock()
	w.mu.Lock()
	r.ended = time.Now()
	w.mu.Unlock()
	w.remember(r)
	if s.Do == "reconcile" {
		w.judgeReconcile(r, record)
	}
}

// remember writes an unknown outcome down.
func (w *modelWorld) remember(r *modelCall) {
	unknown, ok := errors.AsType[*dwolla.OutcomeUnknownError](r.err)
	if !ok || r.step.Do == "reconcile" {
		return
	}
	text, err := json.Marshal(unknown)
	if err != nil {
		w.fail("%s: its record cannot be written: %v", r.id, err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	first := r.start
	for _, old := range w.unknown {
		if old.call.chain == r.chain {
			first = old.first
		}
	}
	w.unknown = append(w.unknown, modelRecord{text, r, first})
}

// lastUnknown is the newest record that can be resent, or for which a payment can be looked up.
func (w *modelWorld) lastUnknown(do string) *modelRecord {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, u := range slices.Backward(w.unknown) {
		switch kind := u.call.original().step.Do; {
		case kind == "create", kind == "mass", kind == "post":
			return &u
		case do == "resend" && (kind == "upload" || kind == "cancel"):
			return &u
		}
	}
	return nil
}

func (r *modelCall) original() *modelCall {
	for _, c := range r.world.calls {
		if c.id == r.chain {
			return c
		}
	}
	return r
}

type modelCallKey struct{}

const modelCallHeader = "X-Model-Call"

func (r *modelCall) options() []dwolla.CallOption {
	opts := []dwolla.CallOption{dwolla.WithHeader(modelCallHeader, r.id)}
	if r.step.Key > 0 {
		opts = append(opts, dwolla.WithIdempotencyKey(fmt.Sprintf("key-%d-of-client-%d", r.step.Key, r.step.Client)))
	}
	return opts
}

func (r *modelCall) do(ctx context.Context, c *dwolla.Client, record *modelRecord) error {
	opts, kind := r.options(), r.step.Do
	if record != nil {
		var unknown dwolla.OutcomeUnknownError
		if err := json.Unmarshal(record.text, &unknown); err != nil {
			r.world.fail("%s: the record of %s cannot be read: %v", r.id, record.call.id, err)
			return err
		}
		r.world.mu.Lock()
		kind = record.call.original().step.Do
		r.world.mu.Unlock()
		if r.step.Do == "reconcile" {
			return r.reconcile(ctx, c, kind, &unknown, opts)
		}
		opts = append(opts, dwolla.Resend(&unknown))
	}
	switch kind {
	case "create":
		ref, err := c.Transfers.Create(ctx, r.transfer(), opts...)
		if err == nil {
			r.result = ref.ID()
		}
		return err
	case "mass":
		ref, err := c.MassPayments.Create(ctx, r.massPayment(), opts...)
		if err == nil {
			r.result = ref.ID()
		}
		return err
	case "post":
		ref, err := c.Post(ctx, "/transfers", r.transfer(), nil, opts...)
		if err == nil {
			r.result = ref.ID()
		}
		return err
	case "upload":
		return second(c.Documents.CreateForCustomer(ctx, "customer", dwolla.CreateDocument{
			DocumentType: dwolla.DocumentTypePassport,
			File:         dwolla.File{Name: "passport.png", Content: &modelReader{call: r, inner: bytes.NewReader(pngDocument(4000))}},
		}, opts...))
	case "cancel":
		return second(c.Transfers.Cancel(ctx, "some-transfer", opts...))
	case "delete":
		return c.Delete(ctx, "/webhook-subscriptions/some", nil, opts...)
	case "get":
		return second(c.Transfers.Get(ctx, "some-transfer", opts...))
	case "rawget":
		var out map[string]any
		return c.Get(ctx, "/transfers/some-transfer", nil, &out, opts...)
	case "list":
		if r.step.Ahead > 0 {
			opts = append(opts, dwolla.WithPagesAhead(r.step.Ahead-1))
		}
		for t, err := range c.Transfers.AllForCustomer(ctx, "pages", dwolla.ListCustomerTransfersParams{}, opts...) {
			if err != nil {
				return err
			}
			if r.listed = append(r.listed, t.ID); len(r.listed) == r.step.Break {
				r.stopped = true
				break
			}
		}
		return nil
	}
	panic("no such call: " + kind)
}

func (r *modelCall) reconcile(ctx context.Context, c *dwolla.Client, kind string, unknown *dwolla.OutcomeUnknownError, opts []dwolla.CallOption) error {
	if kind == "mass" {
		found, err := c.MassPayments.Reconcile(ctx, r.massPayment(), unknown, dwolla.Lookup{}, opts...)
		if err == nil {
			r.result = found.ID
		}
		return err
	}
	found, err := c.Transfers.Reconcile(ctx, r.transfer(), unknown, dwolla.Lookup{}, opts...)
	if err == nil {
		r.result = found.ID
	}
	return err
}

func (r *modelCall) transfer() dwolla.CreateTransfer {
	return dwolla.CreateTransfer{
		Links: dwolla.CreateTransferLinks{
			Source: dwolla.LinkTo[dwolla.FundingSource](r.world.links[0]), Destination: dwolla.LinkTo[dwolla.FundingSource](r.world.links[1]),
		},
		Amount: dwolla.USDCents(100 + int64(r.step.Intent)), CorrelationID: fmt.Sprintf("intent-%d", r.step.Intent),
	}
}

func (r *modelCall) massPayment() dwolla.CreateMassPayment {
	p := dwolla.CreateMassPayment{CorrelationID: fmt.Sprintf("intent-%d", r.step.Intent)}
	p.Links.Source = dwolla.LinkTo[dwolla.FundingSource](r.world.links[0])
	item := dwolla.CreateMassPaymentItem{Amount: dwolla.USDCents(100 + int64(r.step.Intent))}
	item.Links.Destination = dwolla.LinkTo[dwolla.FundingSource](r.world.links[1])
	p.Items = append(p.Items, item)
	return p
}

// A modelReader is the content of an upload. It must not be read once the call is over.
type modelReader struct {
	call  *modelCall
	inner *bytes.Reader
}

func (m *modelReader) Read(p []byte) (int, error) {
	m.call.world.mu.Lock()
	over := m.call.over()
	m.call.world.mu.Unlock()
	if over {
		m.call.world.fail("%s: the content of its upload is read after the call", m.call.id)
	}
	half := m.inner.Len() <= 2000
	switch kind := m.call.step.Reader; {
	case kind == "slow":
		modelPass(time.Second)
	case kind == "fails" && half:
		return 0, errors.New("the disk fails")
	case half:
		m.call.world.harm(kind)
	}
	return m.inner.Read(p[:min(len(p), 500)])
}

// middleware does what the step of its call says.
func (w *modelWorld) middleware(kind func(modelStep) string) dwolla.Middleware {
	return func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		r, _ := req.Context().Value(modelCallKey{}).(*modelCall)
		if r == nil {
			return next(req)
		}
		return r.middleware(kind(r.step), req, next)
	}
}

func (r *modelCall) middleware(kind string, req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	w := r.world
	replace := func(change func([]byte) []byte) {
		if req.Body == nil || !strings.Contains(req.Header.Get("Content-Type"), "json") {
			return
		}
		body, _ := io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(change(body)))
		req.ContentLength = -1
	}
	harm, when, _ := strings.Cut(kind, "-")
	if when == "before" {
		w.harm(harm)
	}
	switch kind {
	case "reads":
		if req.Body != nil {
			_, _ = io.ReadAll(req.Body)
		}
	case "replaces":
		replace(func(b []byte) []byte { return append([]byte(" "), b...) })
	case "replaces otherwise each time":
		replace(func(b []byte) []byte {
			return append(bytes.Repeat([]byte(" "), int(time.Since(r.start)/time.Millisecond)%7+len(r.id)), b...)
		})
	case "adds a header":
		req.Header.Set("X-Signed-By", "model")
	case "leads away":
		req.URL.Host, req.Host = "evil.test", "evil.test"
	case "leads away quietly":
		req = req.Clone(req.Context())
		req.URL.Scheme = "http"
	case "drops the context":
		return next(req.WithContext(context.Background()))
	case "fails first":
		return nil, errors.New("middleware fails")
	case "returns nothing":
		return nil, nil
	case "calls twice":
		_, _ = next(req)
	case "calls in parallel":
		first, other := make(chan struct{}), req.Clone(req.Context())
		go func() {
			defer close(first)
			defer func() { _ = recover() }() // of the inner middleware
			_, _ = next(other)
		}()
		resp, err := next(req)
		<-first
		return resp, err
	case "calls late":
		go func() {
			modelPass(time.Second)
			defer func() { _ = recover() }() // of the inner middleware
			_, _ = next(req)
		}()
		return nil, errors.New("middleware is impatient")
	}
	resp, err := next(req)
	if when == "after" {
		w.harm(harm)
	}
	switch {
	case kind == "fails last":
		return nil, errors.New("middleware fails")
	case kind == "wraps the answer" && resp != nil && err == nil:
		resp.Body = w.body(resp.Body, r.id+" answer of middleware", false)
	}
	return resp, err
}

// A modelBody counts how often it is closed.
type modelBody struct {
	io.ReadCloser
	world  *modelWorld
	name   string
	must   bool // it must be closed
	harm   string
	closed int
	shut   chan struct{}
}

func (w *modelWorld) body(inner io.ReadCloser, name string, must bool) *modelBody {
	b := &modelBody{ReadCloser: inner, world: w, name: name, must: must, shut: make(chan struct{})}
	w.mu.Lock()
	w.bodies = append(w.bodies, b)
	w.mu.Unlock()
	return b
}

func (b *modelBody) Read(p []byte) (int, error) {
	switch b.harm {
	case "body panics":
		panic("the body panics")
	case "body goexit":
		runtime.Goexit()
	case "body deaf":
		select {
		case <-b.world.release:
		case <-b.shut:
			return 0, errors.New("closed")
		}
	}
	return b.ReadCloser.Read(p)
}

func (b *modelBody) Close() error {
	b.world.mu.Lock()
	b.closed++
	if b.closed == 1 {
		close(b.shut)
	}
	b.world.mu.Unlock()
	switch b.harm {
	case "close panics":
		panic("the closer panics")
	case "close goexit":
		runtime.Goexit()
	case "close deaf":
		<-b.world.release
	}
	return b.ReadCloser.Close()
}

// RoundTrip implements http.RoundTripper: it is the network between the client and the server.
func (w *modelWorld) RoundTrip(req *http.Request) (*http.Response, error) {
	if got := req.URL.Scheme + "://" + req.URL.Host; got != w.base || req.URL.Opaque != "" || req.Host != "" && "https://"+req.Host != w.base {
		w.fail("%s %s leaves the origin with %q", req.Method, req.URL.Redacted(), req.Header.Get("Authorization"))
		return nil, errors.New("no such host")
	}
	var body []byte
	if req.Body != nil {
		var err error
		body, err = io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	if req.URL.Path == "/token" {
		return w.token(req, body)
	}
	w.mu.Lock()
	var r *modelCall
	for _, c := range w.calls {
		if c.id == req.Header.Get(modelCallHeader) {
			r = c
		}
	}
	if r == nil {
		w.mu.Unlock()
		w.fail("%s %s belongs to no call", req.Method, req.URL)
		return nil, errors.New("a request of nobody")
	}
	if r.over() {
		w.broken = append(w.broken, r.id+": sends after it has returned")
	}
	n := r.trips
	r.trips++
	f := r.fault(n)
	w.mu.Unlock()
	return r.trip(req, body, f, n)
}

// fault is that of request n of the call.
func (r *modelCall) fault(n int) modelFault {
	switch all := r.step.Faults; {
	case n < len(all):
		return all[n]
	case r.step.Always && len(all) > 0:
		return all[len(all)-1]
	}
	return modelFault{}
}

// compare checks that a key means one request, and a call has one key.
func (w *modelWorld) compare(r *modelCall, req *http.Request, body []byte, f modelFault) {
	key := testkit.Key(req.Header)
	what := req.Method + " " + req.URL.String() + " " + string(body)
	w.mu.Lock()
	defer w.mu.Unlock()
	bad := func(format string, args ...any) {
		w.broken = append(w.broken, r.id+": "+fmt.Sprintf(format, args...))
	}
	if req.Method != http.MethodPost {
		if key != "" {
			bad("a %s has a key", req.Method)
		}
		return
	}
	if key == "" {
		bad("a POST has no key")
		return
	}
	if r.key != "" && r.key != key {
		bad("it has the keys %s and %s", r.key, key)
	}
	r.key = key
	old, known := w.sent[key]
	switch {
	case !known, time.Since(old.at) >= 24*time.Hour && r.step.Key > 0:
		w.sent[key] = modelSent{what, time.Now(), r.chain}
	case old.what != what:
		bad("the key %s is sent with another request than before", key)
	case old.chain != r.chain && r.original().step.Key == 0:
		bad("the key %s is that of %s", key, old.chain)
	case time.Since(old.at) >= 24*time.Hour:
		bad("the key %s has expired", key)
	}
}

// carryOut lets the server carry the request out.
func (r *modelCall) carryOut(req *http.Request, body []byte) *http.Response {
	w := r.world
	own, err := http.NewRequestWithContext(context.Background(), req.Method, req.URL.String(), bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	own.Header = req.Header.Clone()
	if strings.HasPrefix(req.URL.Path, "/customers/pages/") {
		return modelPage(own)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	before := 0
	if w.paid != nil {
		before = w.paid()
	}
	resp, err := w.server.RoundTrip(own)
	if err != nil {
		panic(err)
	}
	location := resp.Header.Get("Location")
	id := location[strings.LastIndex(location, "/")+1:]
	done := w.paid != nil && w.paid() > before
	if w.paid == nil {
		done = resp.StatusCode == http.StatusCreated && !slices.ContainsFunc(w.commits, func(c modelCommit) bool { return c.id == id })
	}
	if done {
		w.commits = append(w.commits, modelCommit{r, id, testkit.Key(req.Header), w.now()})
	}
	return resp
}

const modelEntries = 57

// modelPage is a page of a list that the servers do not have.
func modelPage(req *http.Request) *http.Response {
	limit, offset := 25, 0
	_, _ = fmt.Sscan(req.URL.Query().Get("limit"), &limit)
	_, _ = fmt.Sscan(req.URL.Query().Get("offset"), &offset)
	var all []string
	for i := offset; i < min(offset+limit, modelEntries); i++ {
		all = append(all, fmt.Sprintf(`{"id":"t-%d"}`, i))
	}
	next := ""
	if offset+limit < modelEntries {
		next = fmt.Sprintf(`,"next":{"href":"%s://%s%s?limit=%d&offset=%d"}`, req.URL.Scheme, req.URL.Host, req.URL.Path, limit, offset+limit)
	}
	body := fmt.Sprintf(`{"_links":{"self":{"href":%q}%s},"_embedded":{"transfers":[%s]},"total":%d}`, req.URL, next, strings.Join(all, ","), modelEntries)
	return reply(200, body, "Content-Type", "application/vnd.dwolla.v1.hal+json")
}

// trip is one request of a call, by the transport and the fault of its step.
func (r *modelCall) trip(req *http.Request, body []byte, f modelFault, n int) (*http.Response, error) {
	w, kind := r.world, r.step.Transport
	if r.step.Times > 0 && n >= r.step.Times {
		kind = ""
	}
	answered := req
	switch kind {
	case "rewrites":
		own := req.Clone(context.Background())
		req.URL.Host, req.URL.Path, req.Method = "evil.test", "/v9"+req.URL.Path, http.MethodGet
		req.Header.Set("Idempotency-Key", "another")
		req.Header.Set("Authorization", "Bearer another")
		answered, req = req, own.WithContext(req.Context())
		if r.step.Quiet {
			answered = nil
		}
	case "panics-before", "goexit-before", "deaf-before":
		began := time.Now()
		w.harm(strings.TrimSuffix(kind, "-before"))
		if time.Since(began) > 12*time.Hour { // no network holds a request until its key has expired
			return nil, errors.New("too late")
		}
	case "slow":
		if err := modelWait(req, 3*time.Second); err != nil {
			return nil, err
		}
	}
	resp, err := r.exchange(req, body, f)
	if kind == "duplicates" && err == nil && req.Method != http.MethodDelete {
		_ = resp.Body.Close()
		resp, err = r.exchange(req, body, f)
	}
	switch kind {
	case "panics-after", "goexit-after", "deaf-after":
		if resp != nil && kind != "deaf-after" {
			_ = resp.Body.Close()
		}
		w.harm(strings.TrimSuffix(kind, "-after"))
	case "slow-after":
		if waited := modelWait(req, 3*time.Second); waited != nil {
			return nil, waited
		}
	case "returns nothing":
		return nil, nil
	case "follows":
		if err == nil {
			_ = resp.Body.Close()
			base := w.base
			if req.Method == http.MethodGet { // to the same origin, it would be an answer like any other
				base = "https://elsewhere.test"
			}
			get, _ := http.NewRequestWithContext(req.Context(), http.MethodGet, base+"/maintenance", nil)
			resp, answered = reply(200, `{"_links":{},"id":"some","total":0}`, "Content-Type", "application/vnd.dwolla.v1.hal+json"), get
		}
	}
	if err != nil {
		return nil, err
	}
	resp.Request = answered
	given := w.body(resp.Body, fmt.Sprintf("%s answer %d", r.id, n), true)
	given.harm = kind
	resp.Body = given
	return resp, nil
}

func modelWait(req *http.Request, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-req.Context().Done():
		return req.Context().Err()
	}
}

// exchange is a request and its answer, as the fault lets them be.
func (r *modelCall) exchange(req *http.Request, body []byte, f modelFault) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(req.Context())
	if trace == nil || r.step.NoHooks {
		trace = new(httptrace.ClientTrace)
	}
	if trace.GetConn != nil {
		trace.GetConn(req.URL.Host)
	}
	if f.Kind == "refused" {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if err := modelWait(req, f.Before); f.Before > 0 && err != nil {
		return nil, err
	}
	if trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	if trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	r.world.compare(r, req, body, f)
	resp := reply(500, "{}")
	if r.carriedOut(req, f) {
		resp = r.carryOut(req, body)
	}
	if err := modelWait(req, f.After); f.After > 0 && err != nil {
		return nil, err
	}
	if f.Kind == "reset" {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	if trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	if resp.StatusCode >= 300 && r.carriedOut(req, f) {
		return resp, nil // the server refused it
	}
	return f.answer(resp), nil
}

// carriedOut reports whether the server carries a request out that has a fault. It does not where it says so itself.
func (r *modelCall) carriedOut(req *http.Request, f modelFault) bool {
	made := req.Method == http.MethodPost && strings.Count(req.URL.Path, "/") != 2
	switch {
	case f.Kind == "" || f.Kind == "gzip" || f.Kind == "cut":
		return true
	case f.Kind == "reset":
		return f.Commit
	case f.Status == 201, f.Status/100 == 2 && !made:
		return true
	case f.Status == 501 || f.Status == 505:
		return false
	case f.Kind == "status" && f.Status >= 400 && f.Status < 500 && (f.Status != http.StatusConflict || req.Method != http.MethodPost) && f.Status != http.StatusRequestTimeout:
		return false
	case f.Kind == "status" && f.Status >= 300 && f.Status < 400 && f.Status != 303:
		return false
	}
	return f.Commit
}

// answer is the answer that takes the place of the server's.
func (f modelFault) answer(resp *http.Response) *http.Response {
	var out *http.Response
	switch f.Kind {
	case "":
		return resp
	case "gzip":
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = io.Copy(z, resp.Body)
		_ = z.Close()
		resp.Header.Set("Content-Encoding", "gzip")
		resp.Body, resp.ContentLength = io.NopCloser(&packed), int64(packed.Len())
		return resp
	case "cut":
		body, _ := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), modelCut{}))
		resp.ContentLength = -1
		return resp
	case "status":
		out = reply(f.Status, `{"code":"`+f.Code+`","message":"This is a fault."}`, "Content-Type", "application/vnd.dwolla.v1.hal+json")
	case "bare":
		out = reply(f.Status, "")
	case "object":
		out = reply(f.Status, `{"maintenance":true}`, "Content-Type", "application/json")
	case "page":
		out = reply(f.Status, "<html><body>We will be back</body></html>", "Content-Type", "text/html")
	default:
		panic("no such fault: " + f.Kind)
	}
	if f.RetryAfter != "" {
		out.Header.Set("Retry-After", f.RetryAfter)
	}
	if f.Status/100 == 3 {
		out.Header.Set("Location", "https://evil.test/transfers/x")
	}
	if f.Status == http.StatusCreated {
		out.Header.Set("Location", resp.Header.Get("Location"))
	}
	return out
}

type modelCut struct{}

func (modelCut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func (w *modelWorld) token(req *http.Request, body []byte) (*http.Response, error) {
	w.mu.Lock()
	var f modelFault
	if len(w.tokenFaults) > 0 {
		f, w.tokenFaults = w.tokenFaults[0], w.tokenFaults[1:]
	}
	w.mu.Unlock()
	if err := modelWait(req, f.Before); f.Before > 0 && err != nil {
		return nil, err
	}
	switch f.Kind {
	case "refused", "reset":
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case "panics", "goexit", "deaf":
		w.harm(f.Kind)
		f.Kind = ""
	}
	own, _ := http.NewRequestWithContext(context.Background(), req.Method, req.URL.String(), bytes.NewReader(body))
	own.Header = req.Header.Clone()
	resp, err := w.server.RoundTrip(own)
	if err != nil {
		return nil, err
	}
	resp = f.answer(resp)
	resp.Request, resp.Body = req, w.body(resp.Body, "a token", true)
	return resp, nil
}

// judge checks what holds at the end.
func (w *modelWorld) judge() {
	if left := modelGoroutines(); len(left) > 0 {
		w.fail("%d goroutines are left:\n%s", len(left), strings.Join(left, "\n\n"))
	}
	for _, b := range w.bodies {
		if b.closed > 1 || b.must && b.closed == 0 {
			w.fail("the body of %s was closed %d times", b.name, b.closed)
		}
	}
	for _, r := range w.calls {
		w.judgeCall(r)
	}
	last := map[string]time.Time{}
	chains := map[string]*modelCall{}
	for _, c := range w.commits {
		if at, paid := last[c.key]; paid && c.key != "" && c.at.Sub(at) < 24*time.Hour {
			w.fail("%s: paid twice under the key %s", c.call.id, c.key)
		}
		last[c.key] = c.at
		if first := chains[c.call.chain]; first != nil && c.key != "" {
			w.fail("%s: paid twice, by %s before", c.call.id, first.id)
		}
		chains[c.call.chain] = c.call
	}
}

// judgeCall compares what the client reported with what was done.
func (w *modelWorld) judgeCall(r *modelCall) {
	kind := r.original().step.Do
	if r.step.Do == "reconcile" {
		return
	}
	var mine, under []modelCommit // by the call and those that it resends; under its key
	for _, c := range w.commits {
		if c.call.chain == r.chain {
			mine = append(mine, c)
		}
		if c.key == r.key && c.key != "" || c.call == r {
			under = append(under, c)
		}
	}
	outcome := dwolla.OutcomeOf(r.err)
	own, _ := errors.AsType[*dwolla.Error](r.err)
	write := slices.Contains([]string{"create", "mass", "post", "upload", "cancel", "delete"}, kind)
	counted := write && (!w.program.Sandbox || slices.Contains([]string{"create", "mass", "post"}, kind))
	said := fmt.Sprintf("%s (%s): %s: %v", r.id, kind, outcome, r.err)
	if r.err != nil && strings.Contains(r.err.Error(), modelSecret) {
		w.fail("%s: the secret is in the error", said)
	}
	switch outcome {
	case dwolla.OutcomeOK:
		if counted && len(under) == 0 {
			w.fail("%s, and nothing was done", said)
		}
		if r.result != "" && !slices.ContainsFunc(under, func(c modelCommit) bool { return c.id == r.result }) {
			w.fail("%s, and the result %s is that of another call", said, r.result)
		}
		if kind == "list" && !r.stopped && len(r.listed) != modelEntries {
			w.fail("%s, and %d of %d entries were listed", said, len(r.listed), modelEntries)
		}
	case dwolla.OutcomeUnknown:
		unknown, ok := errors.AsType[*dwolla.OutcomeUnknownError](r.err)
		switch {
		case !write:
			w.fail("%s, of a read", said)
		case !ok:
			w.fail("%s: it has no record", said)
		case r.key != "" && unknown.IdempotencyKey != r.key:
			w.fail("%s: its record has the key %s, sent was %s", said, unknown.IdempotencyKey, r.key)
		}
	case dwolla.OutcomeBadResponse:
		if counted && own != nil && own.Committed && len(under) == 0 {
			w.fail("%s: committed, and nothing was done", said)
		}
		if counted && own != nil && !own.Committed && len(mine) > 0 {
			w.fail("%s: not committed, and it was done", said)
		}
	default:
		// A resend that fails before it sends says nothing about the first attempt.
		done := mine
		if r.chain != r.id && r.trips == 0 {
			done = nil
		}
		if counted && len(done) > 0 {
			w.fail("%s, and it was done", said)
		}
	}
	for i, id := range r.listed {
		if id != fmt.Sprintf("t-%d", i) {
			w.fail("%s: entry %d is %s", said, i, id)
			break
		}
	}
	if r.err != nil && w.easy(r) {
		w.fail("%s, and nothing was in its way", said)
	}
}

// easy reports whether nothing is in the way of a call.
func (w *modelWorld) easy(r *modelCall) bool {
	s := r.step
	calm := []string{"", "reads", "replaces", "adds a header", "wraps the answer", "calls twice"}
	for _, other := range w.program.Steps {
		if len(other.TokenFaults) > 0 {
			return false
		}
	}
	if set := w.program.Clients[s.Client%len(w.program.Clients)]; set.Logger == "deaf" || set.Logger == "goexit" {
		return false
	}
	return len(s.Faults) == 0 && s.Transport == "" && slices.Contains(calm, s.Outer) && slices.Contains(calm, s.Inner) &&
		s.Cancel == 0 && s.Key == 0 && s.Reader == "" && s.Do != "resend" && (!w.program.Sandbox || s.Do == "create" || s.Do == "mass" || s.Do == "post" || s.Do == "list")
}

// judgeReconcile compares what was found with what was done, at the time of the answer.
func (w *modelWorld) judgeReconcile(r *modelCall, record *modelRecord) {
	w.mu.Lock()
	var mine, found *modelCommit
	for _, c := range w.commits {
		if c.call.chain == r.chain {
			mine = &c
		}
		if c.id == r.result && r.result != "" {
			found = &c
		}
	}
	w.mu.Unlock()
	// Two calls with one key are one payment, though the second never left: what its record is asked for is that key.
	var asked dwolla.OutcomeUnknownError
	if err := json.Unmarshal(record.text, &asked); err != nil {
		w.fail("%s: the record of %s cannot be read: %v", r.id, record.call.id, err)
		return
	}
	absent := errors.Is(r.err, dwolla.ErrAbsent)
	switch {
	case r.err == nil && found == nil:
		w.fail("%s: Reconcile found %q, which is no payment", r.id, r.result)
	case r.err == nil && found.call.chain != r.chain && found.key != asked.IdempotencyKey && found.at.Before(record.first.Add(-2*time.Second)):
		w.fail("%s: Reconcile took the older payment of %s for that of %s", r.id, found.call.id, record.call.id)
	case absent && mine != nil:
		w.fail("%s: Reconcile says that nothing was paid, and %s has", r.id, mine.call.id)
	}
}

// modelGoroutines are the other goroutines of the bubble.
func modelGoroutines() []string {
	buf := make([]byte, 1<<20)
	header := string(buf[:runtime.Stack(buf, false)])
	_, bubble, ok := strings.Cut(header[:strings.IndexByte(header, '\n')], "synctest bubble ")
	if !ok {
		return []string{"not in a bubble: " + header}
	}
	all := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
	return slices.DeleteFunc(all[1:], func(g string) bool {
		first, _, _ := strings.Cut(g, "\n")
		return !strings.Contains(first, "synctest bubble "+bubble) || strings.Contains(g, "testing/synctest.Test")
	})
}
