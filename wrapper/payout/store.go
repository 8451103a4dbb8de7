package payout

import (
	"context"
	"time"
)

// A Store keeps the record of batches: for each batch, a map from keys to values. [OpenFile] is one in a file for a
// single process; package store/postgres has one for several workers on several machines. Package payout/storetest
// tests implementations. A Store is safe for concurrent use.
type Store interface {
	// Update runs fn in a transaction on one batch's map. When it returns nil, everything that fn wrote is durable;
	// when it does not, nothing of it is visible, ever, unless the error says that the outcome of the commit is not
	// known (then either all or nothing is). Transactions that write to the same batch run one after the other.
	// fn may be run more than once.
	Update(ctx context.Context, batch string, fn func(Tx) error) error
	// View runs fn in a transaction that reads one consistent state, which is empty for an unknown batch.
	View(ctx context.Context, batch string, fn func(Tx) error) error
	// Batches gives the ids of the batches on record, sorted.
	Batches(ctx context.Context) ([]string, error)
	// Close closes the record.
	Close() error
}

// A Tx is a transaction of a [Store]. It must not be used after the function that it was passed to has returned.
type Tx interface {
	// Get reads a value; nil when there is none. The value is valid until the transaction ends.
	Get(key string) ([]byte, error)
	// Put writes a value, which the store does not keep after the transaction.
	Put(key string, value []byte) error
	// Delete removes a value, if it is there.
	Delete(key string) error
	// Scan visits the keys with a prefix, in ascending order, until visit returns an error, which is given back. To end it
	// early should cost no more than what was visited. visit must not use the transaction.
	Scan(prefix string, visit func(key string, value []byte) error) error
	// Now is the store's clock, the same for all its workers: leases end by it.
	Now() time.Time
}
