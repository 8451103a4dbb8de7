package dwollatest

// The states of Customers. Beneficial owners have verified, document and incomplete; funding sources unverified and
// verified.
const (
	unverified  = "unverified"
	verified    = "verified"
	retry       = "retry"
	kbaNeeded   = "kba"
	document    = "document"
	suspended   = "suspended"
	deactivated = "deactivated" // of exchanges too

	incomplete = "incomplete"
)

// The states of the certification of a business' beneficial owners.
const (
	uncertified = "uncertified"
	certified   = "certified"
	recertify   = "recertify"
)

// The states of a document, and the verdicts of its review, which is pending at first.
const (
	reviewed        = "reviewed"
	acceptedVerdict = "accepted"
	rejectedVerdict = "rejected"
)

// The states of transfers and micro-deposits.
const (
	pending   = "pending"
	processed = "processed"
	failed    = "failed"
	cancelled = "cancelled"
)

// The states of mass payments and their items that transfers do not have.
const (
	deferred   = "deferred"
	processing = "processing"
	complete   = "complete"
	success    = "success"
)

// active is the state of a working exchange or partner.
const active = "active"
