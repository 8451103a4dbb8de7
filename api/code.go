package api

// Code is an error code of Dwolla, as it was written. Dwolla writes the same
// code in several ways (NotFound, notFound, not_found), so compare codes with
// [Code.Equal] or errors.Is, not with ==.
//
// A Code is an error, to be a target of errors.Is:
//
//	if errors.Is(err, api.CodeDuplicateResource) { … }
type Code string

// Codes of a whole answer.
const (
	CodeBadRequest               Code = "BadRequest"               // the body is malformed or incomplete
	CodeConflict                 Code = "Conflict"                 // a request of the same idempotency key is under way, or the key is locked
	CodeDuplicateResource        Code = "DuplicateResource"        // the about link leads to the one that exists
	CodeExpiredAccessToken       Code = "ExpiredAccessToken"       // fetch a new token and repeat
	CodeFileTooLarge             Code = "FileTooLarge"             // a document of more than 10 MiB; also a field code
	CodeForbidden                Code = "Forbidden"                // no permission, or a feature that is not enabled
	CodeInactiveExchange         Code = "InactiveExchange"         // the exchange was removed or disabled
	CodeInvalidAccessToken       Code = "InvalidAccessToken"       // the token is not known
	CodeInvalidAccountStatus     Code = "InvalidAccountStatus"     // such as a sandbox account without a confirmed e-mail
	CodeInvalidApplicationStatus Code = "InvalidApplicationStatus" // the application is disabled
	CodeInvalidCredentials       Code = "InvalidCredentials"       // no usable Authorization header
	CodeInvalidExchange          Code = "InvalidExchange"          // the exchange is no longer active
	CodeInvalidExchangeToken     Code = "InvalidExchangeToken"     // the token of the exchange partner is invalid or expired
	CodeInvalidFileType          Code = "InvalidFileType"          // a document of a type that is not taken
	CodeInvalidIPAddress         Code = "InvalidIpAddress"         // not on the allowlist of the application
	CodeInvalidResourceState     Code = "InvalidResourceState"     // the state of the resource does not allow it
	CodeInvalidScope             Code = "InvalidScope"             // as InvalidScopes, at exchange endpoints
	CodeInvalidScopes            Code = "InvalidScopes"            // the token lacks a scope
	CodeInvalidVersion           Code = "InvalidVersion"           // the Accept header is missing or not MediaTypeHAL
	CodeMaxNumberOfResources     Code = "MaxNumberOfResources"     // such as one webhook subscription too many
	CodeMaximumNumberOfResources Code = "MaximumNumberOfResources" // too many documents wait for review
	CodeMethodNotAllowed         Code = "MethodNotAllowed"         // the resource does not know the HTTP method
	CodeNotAuthorized            Code = "NotAuthorized"            // the caller may not do this
	CodeNotFound                 Code = "NotFound"                 // no such resource; also a field code
	CodeRequestTimeout           Code = "RequestTimeout"           // comes with status 500; the outcome is unknown
	CodeServerError              Code = "ServerError"              // the message carries an id for support
	CodeTooManyRequests          Code = "TooManyRequests"          // the rate or the concurrency is too high
	CodeTryAgainLater            Code = "TryAgainLater"            // comes with status 202: micro-deposits have not settled
	CodeUnknown                  Code = "Unknown"                  // an unexplained failure of micro-deposit verification
	CodeUnsupportedOperation     Code = "UnsupportedOperation"     // the balance of this source cannot be read
	CodeUpdateCredentials        Code = "UpdateCredentials"        // the about link leads to a session in which the user signs in again
	CodeValidationError          Code = "ValidationError"          // the field errors say what is wrong
)

// Codes of one field.
const (
	CodeDuplicate             Code = "Duplicate"             // another resource has this value
	CodeInsufficientFunds     Code = "InsufficientFunds"     // the source does not hold the amount
	CodeInvalid               Code = "Invalid"               // the value is not possible here
	CodeInvalidFormat         Code = "InvalidFormat"         // the value is not of the right format
	CodeNotAllowed            Code = "NotAllowed"            // the value is not allowed for this caller or combination
	CodeReadOnly              Code = "ReadOnly"              // the value cannot be changed
	CodeRequired              Code = "Required"              // the value is missing
	CodeRequiresFundingSource Code = "RequiresFundingSource" // the party has no bank attached
	CodeRestricted            Code = "Restricted"            // a limit or a restriction applies
)

// Codes of the token endpoint, from RFC 6749 section 5.2.
const (
	CodeAccessDenied           Code = "access_denied"           // the request was denied
	CodeInvalidClient          Code = "invalid_client"          // the key or the secret is wrong
	CodeInvalidGrant           Code = "invalid_grant"           // the grant is wrong or expired
	CodeInvalidRequest         Code = "invalid_request"         // the request is malformed
	CodeTemporarilyUnavailable Code = "temporarily_unavailable" // repeat later
	CodeUnauthorizedClient     Code = "unauthorized_client"     // the application may not use this grant
	CodeUnsupportedGrantType   Code = "unsupported_grant_type"  // the server does not know this grant
)

// Equal reports whether c and other are the same code: in any case, and with or
// without "_", "-" and spaces.
func (c Code) Equal(other Code) bool {
	a, b := string(c), string(other)
	for {
		var x, y byte
		x, a = nextOfCode(a)
		y, b = nextOfCode(b)
		if x != y {
			return false
		}
		if x == 0 {
			return true
		}
	}
}

// nextOfCode returns the first byte of s that matters, in lower case, and the
// text after it; 0 at the end.
func nextOfCode(s string) (byte, string) {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '_' || c == '-' || c == ' ':
		case 'A' <= c && c <= 'Z':
			return c | 0x20, s[i+1:]
		default:
			return c, s[i+1:]
		}
	}
	return 0, ""
}

// Error implements error.
func (c Code) Error() string { return "dwolla: " + string(c) }

// Is reports whether target is a Code equal to c, for errors.Is.
func (c Code) Is(target error) bool {
	other, ok := target.(Code)
	return ok && c.Equal(other)
}
