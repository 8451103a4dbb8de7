package postgres_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/store/postgres"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/storetest"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/webhooktest"
)

const secret = "rosebud"

func newWebhookStore(t *testing.T, db postgres.DB) *postgres.WebhookStore {
	t.Helper()
	s, err := postgres.NewWebhookStore(db, 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newEvent() *webhook.Event {
	return webhooktest.NewEvent(dwolla.EventTopicTransferCompleted, "transfers/1")
}

func TestWebhookStoreIsAStore(t *testing.T) {
	pool := newPool(t)
	storetest.Test(t, func(testing.TB) webhook.Store { return newWebhookStore(t, pool) }, time.Second)
}

func TestNewWebhookStoreRefusesInvalidArguments(t *testing.T) {
	if _, err := postgres.NewWebhookStore(nil, 0); !errors.Is(err, dwolla.ErrConfiguration) {
		t.Errorf("a nil database: %v", err)
	}
	if _, err := postgres.NewWebhookStore(&pgxpool.Pool{}, -1); !errors.Is(err, dwolla.ErrConfiguration) {
		t.Errorf("a negative retention: %v", err)
	}
}

func TestTwoProcessesRunADeliveryOnce(t *testing.T) {
	pool := newPool(t)
	var runs atomic.Int64
	var handlers []*webhook.Handler
	for range 2 {
		h, err := webhook.NewHandler(secret, webhook.WithStore(newWebhookStore(t, pool)),
			webhook.OnAny(func(context.Context, *webhook.Event) error {
				runs.Add(1)
				time.Sleep(100 * time.Millisecond)
				return nil
			}))
		if err != nil {
			t.Fatal(err)
		}
		handlers = append(handlers, h)
	}
	event := newEvent()
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			answer := webhooktest.Deliver(t.Context(), handlers[i%2], secret, event)
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Errorf("answered %d", answer.StatusCode)
			}
		})
	}
	all.Wait()
	if n := runs.Load(); n != 1 {
		t.Errorf("the handler ran %d times", n)
	}
}

func TestCompleteTxCommitsWorkAndRecordTogether(t *testing.T) {
	pool := newPool(t)
	mustExec(t, pool, "CREATE TABLE inbox (event_id text)")
	store := newWebhookStore(t, pool)
	dies := true
	h, err := webhook.NewHandler(secret, webhook.WithStore(store),
		webhook.OnAny(func(ctx context.Context, event *webhook.Event) error {
			claim, _ := webhook.ClaimFromContext(ctx)
			return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, "INSERT INTO inbox VALUES ($1)", event.ID); err != nil {
					return err
				}
				if err := store.CompleteTx(ctx, tx, claim); err != nil {
					return err
				}
				if dies {
					return errors.New("the commit fails")
				}
				return nil
			})
		}))
	if err != nil {
		t.Fatal(err)
	}
	event := newEvent()
	for _, want := range []int{http.StatusInternalServerError, http.StatusOK, http.StatusOK} {
		answer := webhooktest.Deliver(t.Context(), h, secret, event)
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("answered %d, want %d", answer.StatusCode, want)
		}
		dies = false
	}
	if n := count(t, pool, "SELECT count(*) FROM inbox WHERE event_id = $1", event.ID); n != 1 {
		t.Errorf("the work was done %d times", n)
	}
}

func TestCompleteTxRefusesAClaimThatIsLostOrDone(t *testing.T) {
	pool := newPool(t)
	store := newWebhookStore(t, pool)
	claim, _, err := store.Claim(t.Context(), newEvent().ID, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	inTx := func(claim webhook.Claim) error {
		return pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error { return store.CompleteTx(t.Context(), tx, claim) })
	}
	if err := inTx(webhook.Claim{EventID: claim.EventID, Token: "another"}); !errors.Is(err, webhook.ErrClaimLost) {
		t.Errorf("another's claim: %v", err)
	}
	if err := inTx(claim); err != nil {
		t.Errorf("its own claim: %v", err)
	}
	if err := inTx(claim); !errors.Is(err, webhook.ErrClaimLost) {
		t.Errorf("a completed claim: %v", err)
	}
	if err := store.CompleteTx(t.Context(), nil, claim); err == nil {
		t.Error("a nil transaction was accepted")
	}
}

func TestPruneDeletesExpiredClaimsAndEvents(t *testing.T) {
	pool := newPool(t)
	short, err := postgres.NewWebhookStore(pool, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	long := newWebhookStore(t, pool)
	for i, s := range []*postgres.WebhookStore{short, long} {
		claim, _, err := s.Claim(t.Context(), newEvent().ID, time.Minute)
		if err != nil {
			t.Fatal(i, err)
		}
		if err := s.Complete(t.Context(), claim); err != nil {
			t.Fatal(i, err)
		}
		if _, _, err := s.Claim(t.Context(), newEvent().ID, time.Duration(i)*time.Hour); err != nil {
			t.Fatal(i, err)
		}
	}
	time.Sleep(10 * time.Millisecond)
	if n, err := long.Prune(t.Context()); err != nil || n != 2 {
		t.Errorf("pruned %d, %v", n, err)
	}
	if n := count(t, pool, "SELECT count(*) FROM dwolla_webhook_events"); n != 2 {
		t.Errorf("%d are left", n)
	}
}

func TestDatabaseErrorsAreReturned(t *testing.T) {
	pool := newPool(t)
	store := newWebhookStore(t, pool)
	pool.Close()
	claim := webhook.Claim{EventID: "e", Token: "t"}
	_, _, claimErr := store.Claim(t.Context(), "e", time.Minute)
	_, pruneErr := store.Prune(t.Context())
	for what, err := range map[string]error{
		"Claim":    claimErr,
		"Renew":    store.Renew(t.Context(), claim, time.Minute),
		"Complete": store.Complete(t.Context(), claim),
		"Release":  store.Release(t.Context(), claim),
		"Prune":    pruneErr,
		"Migrate":  postgres.Migrate(t.Context(), pool),
	} {
		if err == nil || errors.Is(err, webhook.ErrClaimLost) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
