// Package dwolla is an unofficial client for the Dwolla API v2: bank payments in the United States.
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
// Every operation of the API is a method of a service of the [Client], such as [MassPaymentsService.Create] at
// client.MassPayments. The services and the models are generated from a contract, openapi/dwolla.yaml. An id argument also
// accepts an href of the same kind of resource. A method that creates something returns a [Ref], since Dwolla sends only
// the URL; its Get reads the resource. A list has two methods: List… for a page, All… for a lazy iterator over all entries.
//
// Links are typed: [Follow] reads what a link leads to, and [FollowAll] iterates over a list. Only the client's own origin is
// ever fetched; other links can only be read. For what the contract does not cover, there are [Client.Get] and [Client.Post],
// which checks a transfer or a mass payment as Create does.
//
// Fields are plain values, and zero values are not sent. A field is a pointer where false or zero has a meaning of its own.
// Members that this version does not know are kept in Extra and sent back. An unknown value of an enumeration is no error.
//
// # Money
//
// [Money] keeps the decimal text and computes exactly, without floats. Amounts, the number of items and the like are checked
// before anything is sent, see [ArgumentError].
//
// # Errors and outcomes
//
// A call that fails returns an [*Error] with Dwolla's status, code, message and field errors; errors.Is takes kinds
// (ErrNotFound) and Dwolla's codes (CodeInsufficientFunds). [OutcomeOf] says what is known of the call: nothing was sent,
// Dwolla refused it, or it may have been carried out. In the last case, a call that may move money returns an
// [*OutcomeUnknownError]. It is a record with the key, the correlation id and the time, which encoding/json writes and reads:
// keep it, and look the payment up by its correlation id ([TransfersService.Reconcile]) or repeat the same request under the
// same key ([Resend]) before paying again.
//
// # Idempotency and retries
//
// Every POST has an idempotency key, made once per call. The client repeats a request by itself, with the same key and the
// same bytes, if the connection fails or Dwolla answers 408, 425, 429 or 5xx: up to three attempts, with growing pauses,
// within the caller's context. It never makes a second key for the same call. See [WithIdempotencyKey], [Retries], [Timeouts]
// and [Limits].
//
// # Tests
//
// Package dwollatest simulates Dwolla in memory, and package contract checks traffic against the contract. Besides, package
// webhook receives events, and package payout makes bulk payouts that survive a crash without paying anybody twice.
package dwolla
