package dwolla_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A modelProgram is a sequence of calls, with all that goes wrong on their way. It is plain data, so that it can shrink.
type modelProgram struct {
	Sandbox bool          // against dwollatest instead of faultserver
	Skew    time.Duration // of the server's clock
	Clients []modelSettings
	Steps   []modelStep
}

type modelSettings struct {
	Attempts int
	Polls    int // -1 is none
	Attempt  time.Duration
	Timeout  time.Duration // of the http.Client
	NoBudget bool
	Rule     string // Retries.If
	Logger   string
}

type modelStep struct {
	Do     string
	With   bool          // at the same time as the step before
	For    time.Duration // of wait
	Client int
	Intent int // payments of one intent have one correlation id
	Key    int // chosen by the caller; 0 is none

	Cancel   time.Duration // after the start; before it if negative
	Deadline bool          // the context has a deadline instead
	Break    int           // after so many entries of the list
	Ahead    int           // pages, plus one

	Outer, Inner string // what the middlewares do
	Transport    string // what the transport does
	Times        int    // so many requests; 0 is all
	Quiet        bool   // a transport that rewrites leaves Response.Request nil
	NoHooks      bool   // of httptrace
	Reader       string // what the content of an upload does

	Faults      []modelFault // of its requests, in their order
	Always      bool         // the last one stays
	TokenFaults []modelFault
}

type modelFault struct {
	Kind       string
	Status     int
	Code       string
	Commit     bool // the server carries the request out
	Before     time.Duration
	After      time.Duration
	RetryAfter string
}

// modelGenerate makes the program of a seed.
func modelGenerate(seed uint64) modelProgram {
	g := modelRandom{rand.New(rand.NewPCG(seed, 14))}
	p := modelProgram{Sandbox: g.one(4), Clients: []modelSettings{g.settings(), g.settings()}}
	if g.one(4) {
		p.Skew = time.Duration(g.IntN(480)-240) * time.Second
	}
	for range 1 + g.IntN(8) {
		p.Steps = append(p.Steps, g.step(p.Steps))
	}
	return p
}

type modelRandom struct{ *rand.Rand }

func (g modelRandom) one(of int) bool { return g.IntN(of) == 0 }

func modelPick[T any](g modelRandom, all ...T) T { return all[g.IntN(len(all))] }

func (g modelRandom) settings() modelSettings {
	var s modelSettings
	if g.one(2) {
		s.Attempts, s.Polls = modelPick(g, 1, 2, 5), modelPick(g, 0, -1, 1)
	}
	if g.one(3) {
		s.Attempt = modelPick(g, 2*time.Second, 20*time.Second)
	}
	if g.one(6) {
		s.Timeout = modelPick(g, 2*time.Second, 10*time.Second)
	}
	if g.one(6) {
		s.Rule = modelPick(g, "always", "panics", "goexit", "deaf")
	}
	if g.one(8) {
		s.Logger = modelPick(g, "well", "panics", "goexit", "deaf")
	}
	s.NoBudget = g.one(8)
	return s
}

func (g modelRandom) step(before []modelStep) modelStep {
	s := modelStep{Client: g.IntN(2), Intent: len(before) + 1}
	s.Do = modelPick(g, "create", "create", "create", "create", "create", "mass", "mass", "post", "post", "upload", "upload", "cancel", "delete",
		"get", "rawget", "list", "list", "reconcile", "reconcile", "resend", "resend", "resend", "resend", "wait", "revoke")
	if s.Do == "wait" {
		return modelStep{Do: s.Do, For: modelPick(g, time.Second, time.Minute, 10*time.Minute, 59*time.Minute, 61*time.Minute, 23*time.Hour, 25*time.Hour)}
	}
	if s.Do == "revoke" {
		return modelStep{Do: s.Do}
	}
	s.With = g.one(4)
	if g.one(6) && (s.Do == "create" || s.Do == "mass" || s.Do == "post") {
		s.Key = 1 + g.IntN(2)
		if s.Intent = s.Key*100 + s.Client; g.one(5) {
			s.Intent++
		}
	} else if g.one(15) && len(before) > 0 {
		s.Intent = before[g.IntN(len(before))].Intent
	}
	if g.one(5) {
		s.Cancel, s.Deadline = modelPick(g, -1, time.Millisecond, 50*time.Millisecond, 500*time.Millisecond, time.Second, 3*time.Second, 10*time.Second, time.Minute), g.one(2)
	}
	if s.Do == "list" {
		s.Break, s.Ahead = modelPick(g, 0, 0, 1, 24, 25, 26, 57), g.IntN(6)
	}
	if g.one(4) {
		s.Outer = g.middleware()
	}
	if g.one(5) {
		s.Inner = g.middleware()
	}
	if g.one(4) {
		s.Transport = modelPick(g, "rewrites", "panics-before", "panics-after", "goexit-before", "goexit-after", "deaf-before", "deaf-after",
			"slow", "slow-after", "duplicates", "returns nothing", "follows", "body panics", "body goexit", "body deaf", "close panics", "close goexit", "close deaf")
		s.Times, s.Quiet = g.IntN(3), g.one(2)
	}
	s.NoHooks = g.one(10)
	if s.Do == "upload" && g.one(2) {
		s.Reader = modelPick(g, "slow", "fails", "panics", "goexit", "deaf")
	}
	if g.one(2) {
		for range 1 + g.IntN(3) {
			s.Faults = append(s.Faults, g.fault())
		}
		s.Always = g.one(3)
	}
	if g.one(12) {
		for range 1 + g.IntN(2) {
			f := g.fault()
			if g.one(3) {
				f.Kind = modelPick(g, "panics", "goexit", "deaf")
			}
			s.TokenFaults = append(s.TokenFaults, f)
		}
	}
	return s
}

func (g modelRandom) middleware() string {
	return modelPick(g, "reads", "replaces", "replaces otherwise each time", "adds a header", "leads away", "leads away quietly", "drops the context",
		"fails first", "fails last", "returns nothing", "calls twice", "calls in parallel", "calls late", "wraps the answer",
		"panics-before", "panics-after", "goexit-before", "goexit-after", "deaf-before", "deaf-after")
}

func (g modelRandom) fault() modelFault {
	f := modelFault{Kind: modelPick(g, "", "refused", "reset", "reset", "reset", "status", "status", "status", "bare", "object", "page", "cut", "gzip")}
	f.Commit = g.one(2)
	switch f.Kind {
	case "status":
		f.Status = modelPick(g, 400, 401, 401, 403, 404, 408, 409, 409, 422, 425, 429, 500, 500, 501, 502, 503, 504, 505, 520, 522, 529)
		f.Code = modelPick(g, "ValidationError", "ExpiredAccessToken", "ServerError", "RateLimit", "InvalidResourceState", "Conflict")
	case "bare", "object", "page":
		f.Status = modelPick(g, 200, 200, 201, 202, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 407, 408, 409, 410, 418, 425, 429, 451, 499, 500, 501, 502, 503, 504, 505, 511, 520, 599)
	}
	if g.one(6) {
		f.Before = modelPick(g, time.Millisecond, time.Second, 5*time.Second, 3*time.Minute)
	}
	if g.one(6) {
		f.After = modelPick(g, time.Millisecond, time.Second, 5*time.Second, 3*time.Minute)
	}
	if f.Kind == "status" && g.one(3) {
		f.RetryAfter = modelPick(g, "0", "1", "7", "3600", "-1", "soon", "Fri, 31 Dec 1999 23:59:59 GMT")
	}
	return f
}

// modelRun carries a program out and returns what was broken.
func modelRun(t *testing.T, p modelProgram) (broken []string) {
	t.Helper()
	defer func() {
		if harm := recover(); harm != nil {
			broken = append(broken, fmt.Sprint("the world ends: ", harm))
		}
	}()
	synctest.Test(t, func(*testing.T) { broken = newModelWorld(p).run() })
	return broken
}

// modelShrink makes a program that fails as small as it can be. Goroutines and pauses are not the same in each run, so that
// each candidate has a few.
func modelShrink(t *testing.T, p modelProgram, broken []string) (modelProgram, []string) {
	t.Helper()
	end := time.Now().Add(20 * time.Second)
	for smaller := true; smaller; {
		smaller = false
		for _, candidate := range modelSmaller(reflect.ValueOf(p)) {
			if time.Now().After(end) {
				return p, broken
			}
			q := candidate.Interface().(modelProgram)
			if len(q.Clients) == 0 {
				continue
			}
			for range 4 {
				if found := modelRun(t, q); len(found) > 0 {
					p, broken, smaller = q, found, true
					break
				}
			}
			if smaller {
				break
			}
		}
	}
	return p, broken
}

// modelSmaller are the values that have one thing less than v.
func modelSmaller(v reflect.Value) []reflect.Value {
	var out []reflect.Value
	changed := func(change func(reflect.Value)) {
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		change(c)
		out = append(out, c)
	}
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			without := reflect.Zero(v.Type())
			out = append(out, reflect.AppendSlice(reflect.AppendSlice(without, v.Slice(0, i)), v.Slice(i+1, v.Len())))
		}
		for i := range v.Len() {
			for _, e := range modelSmaller(v.Index(i)) {
				c := reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v)
				c.Index(i).Set(e)
				out = append(out, c)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			for _, f := range modelSmaller(v.Field(i)) {
				changed(func(c reflect.Value) { c.Field(i).Set(f) })
			}
		}
	default:
		if !v.IsZero() {
			out = append(out, reflect.Zero(v.Type()))
		}
	}
	return out
}

// modelText writes a program as Go does, without what is zero.
func modelText(v reflect.Value) string {
	var parts []string
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			parts = append(parts, modelText(v.Index(i)))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Field(i).IsZero() {
				parts = append(parts, v.Type().Field(i).Name+": "+modelText(v.Field(i)))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case reflect.String:
		return strconv.Quote(v.String())
	}
	return fmt.Sprint(v.Interface())
}

func (p modelProgram) String() string {
	var b strings.Builder
	for i, s := range p.Steps {
		fmt.Fprintf(&b, "\t%d %s\n", i, modelText(reflect.ValueOf(s)))
	}
	p.Steps = nil
	return modelText(reflect.ValueOf(p)) + "\n" + b.String()
}

// modelSeeds are those of programs that have failed once.
func modelSeeds(t *testing.T) []uint64 {
	t.Helper()
	text, err := os.ReadFile("testdata/model/seeds.txt")
	if err != nil {
		t.Fatal(err)
	}
	var seeds []uint64
	for line := range strings.Lines(string(text)) {
		number, _, _ := strings.Cut(line, "#")
		if number = strings.TrimSpace(number); number == "" {
			continue
		}
		seed, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, seed)
	}
	return seeds
}

// TestModel drives random programs against the client. By default it runs those that have failed once and a few hundred
// others, always the same; MODEL_TIME=1h runs new ones for an hour, and MODEL_SEED=7 begins with that of 7. If the process dies, the
// seed is the argument of TestModel.func1 in the stack, in hex.
func TestModel(t *testing.T) {
	t.Parallel()
	first, end := uint64(1), time.Time{}
	if d, err := time.ParseDuration(os.Getenv("MODEL_TIME")); err == nil {
		end, first = time.Now().Add(d), uint64(time.Now().UnixNano())
	}
	if seed, err := strconv.ParseUint(os.Getenv("MODEL_SEED"), 10, 64); err == nil {
		first = seed
	}
	ran, start := 0, time.Now()
	check := func(seed uint64) {
		ran++
		p := modelGenerate(seed)
		broken := modelRun(t, p)
		if len(broken) == 0 {
			return
		}
		p, broken = modelShrink(t, p, broken)
		t.Errorf("seed %d breaks\n\t%s\nby\n%s", seed, strings.Join(broken, "\n\t"), p)
	}
	for _, seed := range modelSeeds(t) {
		check(seed)
	}
	for seed := first; ; seed++ {
		if end.IsZero() && seed >= first+500 || !end.IsZero() && time.Now().After(end) || t.Failed() {
			break
		}
		check(seed)
	}
	t.Logf("%d programs in %v, from seed %d", ran, time.Since(start).Round(time.Millisecond), first)
}
