// Package postgres implements the stores of the SDK in PostgreSQL, so that several processes on several machines can
// share them. It is a module of its own, so that only its users depend on the driver, pgx.
//
//	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
//	…
//	if err := postgres.Migrate(ctx, pool); err != nil { … }
//
// With a [WebhookStore] each event is processed once, whichever process it is delivered to:
//
//	events, err := postgres.NewWebhookStore(pool, 0)
//	…
//	hooks, err := webhook.NewHandler(secret, webhook.WithStore(events), …)
//
// With a [PayoutStore] several workers can run the same batch. No two send the same chunk, and the chunk of a worker
// that died is taken over when its lease expires:
//
//	record, err := postgres.NewPayoutStore(pool)
//	…
//	runner, err := payout.NewRunner(record, payout.Dwolla(client), payout.Options{})
//
// Leases are measured by the clock of the database, so that the clocks of the machines need not agree. PostgreSQL 12 or
// later is required. The stores work behind pgbouncer in transaction mode with pgx's defaults: they leave no prepared
// statement behind, and settings and locks end with the transaction.
//
// A transaction of a PayoutStore waits for another's lock for 10 seconds, and the server ends one whose worker is silent
// for 5, so that a frozen worker does not stop the others. Errors that may pass, such as these or a restart of the
// server, are [payout.ErrStoreUnavailable].
package postgres
