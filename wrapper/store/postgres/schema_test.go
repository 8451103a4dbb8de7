package postgres_test

import (
	"sync"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/store/postgres"
)

func TestMigrateMayRunConcurrently(t *testing.T) {
	pool := newPool(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := postgres.Migrate(t.Context(), pool); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
