package webhook_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/storetest"
)

func TestMemoryStoreIsAStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &webhook.MemoryStore{}
		storetest.Test(t, func(testing.TB) webhook.Store { return store }, time.Minute)
	})
}

func TestMemoryStoreForgetsAfterItsRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &webhook.MemoryStore{Retention: time.Hour}
		complete(t, s, "a")
		time.Sleep(time.Hour - 1)
		wantClaim(t, s, "a", webhook.Completed)
		time.Sleep(time.Nanosecond)
		wantClaim(t, s, "a", webhook.Claimed)
	})
}

func TestMemoryStoreIsBounded(t *testing.T) {
	s := &webhook.MemoryStore{Limit: 3}
	for i := range 10 {
		complete(t, s, fmt.Sprint(i))
	}
	wantClaim(t, s, "9", webhook.Completed)
	wantClaim(t, s, "7", webhook.Completed)
	wantClaim(t, s, "6", webhook.Claimed)

	t.Run("claims are never dropped", func(t *testing.T) {
		s := &webhook.MemoryStore{Limit: 2}
		wantClaim(t, s, "a", webhook.Claimed)
		wantClaim(t, s, "b", webhook.Claimed)
		if _, _, err := s.Claim(t.Context(), "c", time.Minute); !errors.Is(err, webhook.ErrStoreFull) {
			t.Errorf("error is %v", err)
		}
		wantClaim(t, s, "a", webhook.InProgress)
	})
}

func complete(t *testing.T, s webhook.Store, id string) {
	t.Helper()
	claim, status, err := s.Claim(t.Context(), id, time.Minute)
	if err != nil || status != webhook.Claimed {
		t.Fatal(status, err)
	}
	if err := s.Complete(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
}

func wantClaim(t *testing.T, s webhook.Store, id string, want webhook.Status) {
	t.Helper()
	if _, status, err := s.Claim(t.Context(), id, time.Minute); err != nil || status != want {
		t.Errorf("event %s: status %v, %v, want %v", id, status, err, want)
	}
}

func TestMemoryStoreWarnsWhenItForgetsWhatMayComeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s := &webhook.MemoryStore{Limit: 2, Logger: slog.New(slog.NewTextHandler(&out, nil))}
		for i := range 2 {
			complete(t, s, fmt.Sprint("old", i))
		}
		time.Sleep(73 * time.Hour) // Dwolla does not send these again
		for i := range 2 {
			complete(t, s, fmt.Sprint("young", i))
		}
		if out.Len() > 0 {
			t.Errorf("logged %s", out.String())
		}
		for i := range 100 {
			complete(t, s, fmt.Sprint("new", i))
		}
		if n := strings.Count(out.String(), "level=WARN"); n != 1 || !strings.Contains(out.String(), "limit=2") {
			t.Errorf("%d warnings: %s", n, out.String())
		}
		time.Sleep(time.Hour)
		complete(t, s, "later")
		if n := strings.Count(out.String(), "level=WARN"); n != 2 {
			t.Errorf("%d warnings after an hour", n)
		}
	})
}
