package dwolla

import "github.com/dwolla-go/dwolla-go/api"

// The types that requests and answers share, which package api defines.
type (
	// Environment is the sandbox or production.
	Environment = api.Environment
	// Money is an exact amount, see [api.Money] for its arithmetic.
	Money = api.Money
	// AmountError says why a text is not an amount, or not one that can be paid.
	AmountError = api.AmountError
	// CurrencyMismatchError says that amounts of two currencies cannot be added or compared.
	CurrencyMismatchError = api.CurrencyMismatchError
	// Date is a calendar day, "2006-01-02".
	Date = api.Date
	// Time is a moment exactly as Dwolla wrote it; its Time method parses it.
	Time = api.Time
	// Code is one of Dwolla's error codes; errors.Is takes it.
	Code = api.Code
	// FieldError is a validation error of one field, with a JSON pointer to it.
	FieldError = api.FieldError
	// Link is a link to a T, see [Follow].
	Link[T any] = api.Link[T]
	// Links are links by name, where the contract does not name them.
	Links = api.Links
	// Ref refers to a resource that was created and has not been read: ID, Href, and Get to read it.
	Ref[T any] = api.Ref[T]
	// Object is a resource of no particular type.
	Object = api.Object
	// Extra holds members that the contract does not name.
	Extra = api.Extra
	// File is a document to upload.
	File = api.File
)

// The environments.
const (
	Sandbox    = api.Sandbox
	Production = api.Production
)

// USD returns an amount in dollars, such as "12.50".
func USD(value string) (Money, error) { return api.USD(value) }

// USDCents returns an amount in dollars, given in cents.
func USDCents(cents int64) Money { return api.USDCents(cents) }

// LinkTo returns a link to href, for the links of a request.
func LinkTo[T any](href string) Link[T] { return api.LinkTo[T](href) }
