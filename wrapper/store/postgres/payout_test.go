package postgres_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/payout/storetest"
	"github.com/dwolla-go/dwolla-go/wrapper/store/postgres"
)

func newPayoutStore(t testing.TB, pool *pgxpool.Pool) *postgres.PayoutStore {
	t.Helper()
	s, err := postgres.NewPayoutStore(pool)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPayoutStoreIsAStore(t *testing.T) {
	pool := newPool(t)
	storetest.Test(t, func(t testing.TB) payout.Store { return newPayoutStore(t, pool) })
}

func TestNewPayoutStoreRefusesANilPool(t *testing.T) {
	if _, err := postgres.NewPayoutStore(nil); !errors.Is(err, dwolla.ErrConfiguration) {
		t.Errorf("error %v", err)
	}
}

func TestAnUnreachablePayoutStoreIsAnError(t *testing.T) {
	pool := newPool(t)
	store := newPayoutStore(t, pool)
	pool.Close()
	ran := func(payout.Tx) error {
		t.Error("the transaction ran")
		return nil
	}
	if err := store.Update(t.Context(), "b", ran); err == nil {
		t.Error("Update passed")
	}
	if err := store.View(t.Context(), "b", ran); err == nil {
		t.Error("View passed")
	}
}

func TestAViewWritesNothing(t *testing.T) {
	store := newPayoutStore(t, newPool(t))
	err := store.View(t.Context(), "b", func(tx payout.Tx) error { return tx.Put("k", []byte("v")) })
	if err == nil {
		t.Error("a view wrote")
	}
}

func TestAScanEndsWithTheErrorOfAVisit(t *testing.T) {
	store := newPayoutStore(t, newPool(t))
	enough := errors.New("enough")
	visits := 0
	err := store.Update(t.Context(), "b", func(tx payout.Tx) error {
		if err := errors.Join(tx.Put("k1", []byte("v")), tx.Put("k2", []byte("v"))); err != nil {
			return err
		}
		return tx.Scan("k", func(string, []byte) error { visits++; return enough })
	})
	if !errors.Is(err, enough) || visits != 1 {
		t.Errorf("%d visits, error %v", visits, err)
	}
}

func TestANilValueIsStoredAsAnEmptyOne(t *testing.T) {
	store := newPayoutStore(t, newPool(t))
	err := store.Update(t.Context(), "b", func(tx payout.Tx) error {
		if err := tx.Put("k", nil); err != nil {
			return err
		}
		value, err := tx.Get("k")
		if value == nil || len(value) != 0 {
			t.Errorf("the value %v", value)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
