// Package webhook receives Dwolla's webhooks: it checks the signature, processes every event once, and acknowledges an
// event when its handlers have succeeded.
//
//	hooks, err := webhook.NewHandler(os.Getenv("DWOLLA_WEBHOOK_SECRET"),
//		webhook.On(dwolla.EventTopicCustomerTransferCompleted, transferCompleted))
//	if err != nil {
//		return err
//	}
//	http.Handle("/webhooks/dwolla", hooks)
//
// # What arrives
//
// Every event of the application is sent to every subscription, in any order, up to ten at a time and sometimes twice.
// A payment causes several events, one for each party, which may differ by their id only. So do not conclude from an
// event what state a resource is in; read the resource:
//
//	func transferCompleted(ctx context.Context, event *webhook.Event) error {
//		transfer, err := webhook.Resource[dwolla.Transfer](ctx, client, event)
//		if err != nil {
//			return err
//		}
//		return ledger.SetStatus(ctx, transfer.ID, transfer.Status)
//	}
//
// Then it does not matter if "completed" arrives before "created".
//
// # Deduplication
//
// A [Store] remembers the ids of processed events in two phases: an event is claimed before its handlers run and
// completed afterwards. An event whose handler failed or whose process died is processed again; an event in progress is
// not started a second time. The default [MemoryStore] is for a single process. After a crash between the end of a
// handler's work and its record, the handler runs again, unless it commits both in one transaction, see
// [ClaimFromContext].
//
// # Acknowledgement
//
// By default an event is acknowledged after it was processed, so that Dwolla repeats the delivery of failed ones, eight
// times over 72 hours. Dwolla waits ten seconds for an answer; handlers that need longer use [WithBackground]. After a
// crash, an outage or a pause, [Handler.Replay] processes the events that were missed.
//
// Package webhooktest delivers signed events to a Handler in tests. Package storetest tests implementations of [Store].
package webhook
