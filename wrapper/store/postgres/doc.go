// Package postgres keeps the records of the SDK in PostgreSQL, so that several processes on several machines share
// them. It is a module of its own: nobody else compiles the driver, pgx.
//
//	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
//	…
//	if err := postgres.Migrate(ctx, pool); err != nil { … }
//
// A [WebhookStore] has each event processed once, whichever process it is delivered to:
//
//	events, err := postgres.NewWebhookStore(pool, 0)
//	…
//	hooks, err := webhook.NewHandler(secret, webhook.WithStore(events), …)
//
// A [PayoutStore] lets every worker run the same batch. No two send the same chunk, and the chunk of a worker that died
// is taken over when its lease ends:
//
//	record, err := postgres.NewPayoutStore(pool)
//	…
//	runner, err := payout.NewRunner(record, payout.Dwolla(client), payout.Options{})
//
// Leases are measured by the clock of the database, so that those of the machines need not agree. PostgreSQL 12 and
// later will do.
package postgres
