package dwollatest

// The states of the certification of a business' owners.
const (
	uncertified = "uncertified"
	certified   = "certified"
	recertify   = "recertify"
)
