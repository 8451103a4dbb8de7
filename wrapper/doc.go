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
// Every operation of the API is a method of a service of the [Client], such as Create of [MassPaymentsService] at
// client.MassPayments. The services and the models are generated from a contract, openapi/dwolla.yaml. An id argument also
// accepts an href of the same kind of resource. A method that creates something returns a [Ref], since Dwolla sends only
// the URL; its Get reads the resource. A list has two methods: List… for a page, All… for a lazy iterator over all entries.
// An entry that cannot be read is an [EntryError] of All, which goes on with the others; it fails List.
//
// Links are typed: [Follow] reads what a link leads to, and [FollowAll] iterates over a list. Only the client's own origin is
// ever fetched; other links can only be read. For what the contract does not cover, there are [Client.Get], [Client.Post],
// which checks a transfer or a mass payment as Create does, and [Client.Delete].
//
// Fields are plain values, and zero values are not sent. A field is a pointer where false or zero has a meaning of its own.
// Members that this version does not know are kept in Extra and sent back. An unknown value of an enumeration is no error, nor is
// half of a character, which is U+FFFD, or metadata that is not text: the exact text of such a member is in Extra, too.
//
// # Values
//
// A model reads and writes itself. Decoding into one replaces all of it, so that a variable can be used again. reflect.DeepEqual,
// package cmp and package gob take models as they are. [Money], [Date] and [Time] are kept in columns of text by
// database/sql, or as text by anything that uses encoding.TextMarshaler. Date and Time can be keys of a map; of Money that is
// its String.
//
// Give a model in a struct of yours a field name, and do not embed it: its MarshalJSON and UnmarshalJSON would be the
// struct's, and encoding/json would neither write nor read your other fields. The same holds for Money, Link and Date. Go
// gives a method no way to notice that; [Client.Get] and [Client.Post] notice it, and refuse a type with such a struct in it,
// except inside of an interface.
//
// What is decoded takes at most four times the length of the answer on the heap, and 8 MiB; an answer that needs more
// cannot be read, nor one with more than 10,000 entries in a list or a map of a model, or nested more than 512 deep. A type
// of yours that [Client.Get] has encoding/json fill has none of these bounds but the nesting, and a list of models in it
// has none either: there, three bytes can become a struct of hundreds. Set [Limits].Body to what you can hold.
//
// # Logs
//
// Packages fmt and log/slog show a model by its type and id alone. Its JSON is all of it: do not log that. The JSON handler of
// log/slog writes the JSON of whatever a model is inside of, such as a slice, a map or a struct of yours, and no type can
// prevent that: log models one by one, or their ids. Package fmt and the text handler show types and ids there, too, unless
// a model is in an unexported field.
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
// same key ([Resend], within 23 hours and 55 minutes) before paying again.
//
// The text of an error can be logged: it has codes, JSON pointers and the request id, and no message of Dwolla's, since some
// name a person. Error.Message and the Message of each field have them. The same holds for its JSON and its value in a log.
//
// A call that changes something is done only if the answer has a status that the contract documents for it, and refused only
// if the answer has a code of the API. Anything else, such as the page of a proxy or a redirect, leaves the outcome unknown:
// whoever sent it may have put it in the place of Dwolla's answer.
//
// # Middleware and transports
//
// Code of the user's may panic, exit its goroutine, block or change its request: none of that ends the process, outlasts
// the context of the call or sends the token elsewhere. See [Middleware] and [WithHTTPClient]. A context is trusted: its own
// methods must neither panic nor block. [Wait].Progress must not block, either; its panic is an error.
//
// # Idempotency and retries
//
// Every POST has an idempotency key, made once per call. The client repeats a request by itself, with the same key and the
// same bytes, if the connection fails or Dwolla answers 408, 425, 429 or any 5xx but 501 and 505: up to three attempts, with
// growing pauses, within the caller's context. It never makes a second key for the same call. See [WithIdempotencyKey], [Retries], [Timeouts]
// and [Limits].
//
// # Tests
//
// Package dwollatest simulates Dwolla in memory, and package contract checks traffic against the contract. Besides, package
// webhook receives events, and package payout makes bulk payouts that survive a crash without paying anybody twice.
package dwolla
