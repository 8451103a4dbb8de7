// Package payout pays many people once each: it reads an input of any length, splits it into mass payments, sends each
// of them once even if the program dies on the way, and reports the result of every row.
//
//	store, err := payout.OpenFile("payroll.db")
//	batch, err := payout.Prepare(ctx, store, "payroll-2026-11", payout.ReadCSV(file), payout.Plan{Source: source})
//	runner, err := payout.NewRunner(store, payout.Dwolla(client), payout.Options{})
//	summary, err := runner.Run(ctx, batch.ID)
//	err = payout.OpenReport(store, batch.ID).WriteCSV(ctx, out)
//
// The same calls start a batch and resume it: Prepare of an input that is on record changes nothing, Prepare of an
// edited one is refused, and Run goes on from where the last one died.
//
// # The record
//
// A [Batch] is split into chunks, one mass payment each. What the record holds of them is decided before anything is
// sent: the rows of each chunk, its correlation id (from the batch's id and the chunk's number, so that it can be
// looked up even when the record is lost), a digest of its rows, which travels as metadata of the mass payment, and its
// idempotency key (a hash of the batch's id, the source, the chunk's number and the digest). A [Store] keeps the record:
// small atomic, durable transactions over keys and values, each value under a checksum. A write that fails stops the run
// before money moves. Times are those of the store's clock; those of the machines need not agree with it.
//
// A chunk moves through these states, and each arrow is written down before the next request:
//
//	planned → sending → created → settled   the happy path
//	planned → created     found: an earlier record of the batch was lost
//	planned → held        something else was found: a person decides
//	planned → unknown     found, but not all of its items yet
//	planned → cancelled   see Runner.Cancel; not found either
//	sending → rejected    Dwolla refused every row at the first request, and a look-up found nothing: nothing was paid
//	sending → held        Dwolla refused the first request, and something else was found: a person decides
//	sending → planned     Dwolla did nothing at the first request and may be asked again, without the rows that it named
//	sending → unknown     nothing says what became of the request
//	unknown → created     found by its correlation id
//	unknown → sending     not found: the same key and the same bytes again, within a day
//	unknown → held        not found for too long, or something else was found: a person decides
//	rejected → unknown    found by [Runner.PrepareRetry], which looks once more
//	settled → created     see Runner.Recheck
//	held    → unknown     see Runner.Resolve: LookAgain
//	held    → planned     see Runner.Resolve: SendAgain
//	held    → created     see Runner.Resolve: Adopt
//	created → held        see Runner.Resolve: Reopen
//	settled → held        see Runner.Resolve: Reopen
//
// # Why nothing is paid twice
//
//  1. A chunk is sent only by the holder of its lease, after "sending" is durable, and after a look-up by correlation
//     id that found nothing. What is found is compared by source, total and digest, or, where Dwolla does not tell the
//     digest, by its items; if it is not the chunk, a person decides. The transaction that writes "sending" looks at the
//     batch as it is then: after [Runner.Cancel] or [Runner.Pause] has returned, and while rule 4 or [Options.MaxOpen]
//     forbids it, none begins.
//  2. A chunk has one idempotency key. A repeated request carries the same key and the same bytes (a hash of them is on
//     record), so whichever of several requests was carried out, Dwolla answers with its result. That holds for 24 hours
//     from the first request; [KeyLifetime] is shorter, for clocks that disagree. Key and bytes depend on what is paid
//     alone: a record that was lost, copied or restored from a backup repeats the same request.
//  3. After that, or after [Options.Sends] requests, nothing is sent any more. Look-ups go on; when enough of them over enough
//     time find nothing, the chunk is held for a person, who alone can give it a new key.
//  4. While an outcome is unknown or held, no other chunk of the batch is sent for the first time, unless
//     [Options.SendOthers] allows it. While a chunk is held because something else was found, none is sent or cancelled:
//     another record of the batch may have paid it under another number.
//  5. The context of a step ends before its lease, which its worker renews while the step goes on. If a request
//     arrives later nevertheless, it has the same key and bytes as that of the worker that took over.
//
// What remains:
//   - More than 24 hours after a request, Dwolla has forgotten its key. A record that is lost, or restored, after that is
//     protected by the look-up of rule 1 alone. So is one that was restored to before a person's [SendAgain]. One that was
//     restored to before [Runner.Cancel] knows nothing of that, nor of what a retry has paid since.
//   - Batches with different ids are different payments. [Prepare] compares those of one record; nothing compares those of
//     two. After a record is lost, the same input must get the same id.
//   - Two records of one batch whose chunks differ, because of the rows or of [Plan.ChunkRows], have different keys. One
//     after the other, the second finds the mass payments of the first, if that has sent its first chunk, and is held. At the
//     same moment, both pay.
//
// # Why nothing is lost or stuck
//
// In every state but settled, rejected, cancelled and held a chunk has a next step and a time at which that is due. Run
// returns the held chunks with all that is known of them. A settled chunk has a result for each row; totals are added
// from them and must equal the input's. The items of a mass payment can be decided hours after it is complete: they are
// listed until each is, for as long as [Options.SettleTimeout]. A batch is done when every row has a final result, and the
// rows without one are named by an [*UnsettledRowsError].
//
// A refusal that names items fails these rows, and the others of the chunk are sent without them. Any other refusal (of
// the source, a permission, the funds) ends the run with a [*StoppedError], as does a balance that does not suffice, or
// more failed rows than [Options.MaxFailedRows]; Run goes on once the cause is mended.
//
// A paid row can come back days later: [Runner.FollowUp] finds that. [Runner.PrepareRetry] pays again what certainly was
// not paid, or a part of it, or to other destinations.
package payout
