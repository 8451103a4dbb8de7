// Package dwolla is a client for the Dwolla API v2: bank payments in the United States. It is not Dwolla's own.
//
//	client, err := dwolla.NewClient(dwolla.Sandbox, key, secret)
//	…
//	ref, err := client.Customers.Create(ctx, dwolla.CreateReceiveOnlyCustomer{FirstName: "Ada", LastName: "Byron", Email: "ada@example.com"})
//	…
//	customer, err := ref.Get(ctx)
//	for source, err := range dwolla.FollowAll(ctx, client, customer.Links.FundingSources) { … }
//
// # Operations
//
// Every operation of the API is a method of a service at the [Client], such as [MassPaymentsService.Create] at
// client.MassPayments. The services and the models are generated from a contract, openapi/dwolla.yaml. An id argument also
// takes an href of the same kind of resource. What creates something answers with a [Ref], since Dwolla sends only its
// URL; its Get reads it. A list has two methods: List… for a page, All… for a lazy iterator over every entry.
//
// Links are typed: [Follow] reads what a link leads to, [FollowAll] walks a list. Only the client's own origin is ever
// asked; other links can be read and are never fetched. What the contract does not cover, [Client.Get] and [Client.Post] do.
//
// Fields are plain values; what is zero is not sent. A pointer is where false or zero has a meaning of its own. Members
// that this version does not know are kept in Extra and sent back, and enumerations are open: an unknown value is no error.
//
// # Money
//
// [Money] keeps the decimal text exactly and computes exactly; nothing here is a float. Amounts, the number of items and
// the like are checked before anything is sent, see [ArgumentError].
//
// # Errors and outcomes
//
// A call that fails returns an [*Error] with Dwolla's status, code, message and field errors; errors.Is takes kinds
// (ErrNotFound) and Dwolla's codes (CodeInsufficientFunds). [OutcomeOf] says what is known of the call: whether nothing was sent,
// Dwolla refused, or it may have been done. That last one, for a call that may move money, is an [*OutcomeUnknownError]:
// look the payment up by its correlation id before paying again.
//
// # Idempotency and retries
//
// Every POST carries an idempotency key, made once per call. The client repeats a request by itself, with the same key
// and the same bytes, when the connection failed or Dwolla answered 408, 425, 429 or 5xx: three attempts, with growing
// pauses, within the caller's context. It never makes a second key for the same call. See [WithIdempotencyKey],
// [Retries], [Timeouts] and [Limits].
//
// # Tests
//
// Package dwollatest has a Dwolla in memory that behaves, package contract checks traffic against the contract,
// package webhook receives events, and package payout pays many people once each and survives a crash.
package dwolla
