package paging

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

func TestPagesComeInTheOrderInWhichTheyWereAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		caller := callerFunc(func(_ context.Context, req *call.Request, _ any) (*call.Response, error) {
			at := windowOf(req)
			time.Sleep(time.Duration(10-at.offset) * time.Second) // the last is there first
			return &call.Response{StatusCode: at.offset}, nil
		})
		var p prefetch
		for i := range 5 {
			p.start(t.Context(), caller, &call.Request{Query: entryParams{1, i}}, nil)
		}
		for i := range 5 {
			if f := p.next(); f.resp.StatusCode != i {
				t.Errorf("page %d is %d", i, f.resp.StatusCode)
			}
		}
		if p.next() != nil {
			t.Error("there is another page")
		}
	})
}

func TestAnEarlyBreakLeavesNothingRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &list{total: 10_000, took: time.Second}
		for range l.all(t, 8) {
			break
		}
		if l.busy != 0 {
			t.Errorf("%d requests still run", l.busy)
		}
		if n := len(l.windows); n > 9 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestAPanicComesToTheCallersGoroutine(t *testing.T) {
	l := &list{total: 1000}
	l.change = func(_ int, at window, _ *entryPage) (*call.Response, error) {
		if at.offset == 400 {
			panic("of the caller")
		}
		return nil, nil
	}
	n := 0
	defer func() {
		if got := recover(); got != "of the caller" || n != 400 {
			t.Errorf("after %d entries: %v", n, got)
		}
	}()
	for range l.all(t, 4) {
		n++
	}
}

func TestFault184_APageWhoseGoroutineExitsIsAnErrorAndNotTheEnd(t *testing.T) {
	l := &list{total: 1000}
	l.change = func(_ int, at window, _ *entryPage) (*call.Response, error) {
		if at.offset == 400 {
			runtime.Goexit()
		}
		return nil, nil
	}
	n, failed := 0, 0
	for _, err := range l.all(t, 2) {
		if err != nil {
			failed++
			continue
		}
		n++
	}
	if n != 400 || failed != 1 {
		t.Errorf("%d entries and %d errors", n, failed)
	}
}
