// Package webhook receives Dwolla's webhooks: it checks the signature, lets every event be processed once, and
// acknowledges an event when its handlers have succeeded.
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
// Every event of the application goes to every subscription, in any order, up to ten at a time and sometimes twice. A
// payment raises several events, one for each side of it, and they differ by their id alone. So do not let an event
// tell what state a resource is in. Let it tell that there is something to look at, and read the resource again:
//
//	func transferCompleted(ctx context.Context, event *webhook.Event) error {
//		transfer, err := webhook.Resource[dwolla.Transfer](ctx, client, event)
//		if err != nil {
//			return err
//		}
//		return ledger.SetStatus(ctx, transfer.ID, transfer.Status)
//	}
//
// Then it does not matter that "completed" came before "created".
//
// # Once
//
// A [Store] remembers the ids of processed events, in two phases: an event is claimed before its handlers run and
// completed after. An event whose handler failed or whose process died is processed again; one in progress is not run a
// second time. The default [MemoryStore] serves one process. What a crash between the end of the work and its record
// does depends on the handler: it runs again, unless the handler commits both in one transaction, see
// [ClaimFromContext].
//
// # Acknowledging
//
// By default an event is acknowledged after it was processed, so that Dwolla repeats what failed, eight times over 72
// hours. Dwolla waits ten seconds for an answer. Handlers that need longer work [WithBackground], and a program catches
// up with [Handler.Replay] after a crash, an outage or a pause.
//
// Package webhooktest signs and sends events to a Handler in tests.
package webhook
