// Package contract is the contract at run time: it checks HTTP messages against the OpenAPI document of the Dwolla
// API v2 that this module is generated from.
//
// Put [Transport] under a client to check what it really sends and gets, or [Middleware] around a server that plays
// Dwolla in your tests. For single messages there are [Validator.CheckRequest], [Validator.CheckResponse] and
// [Validator.CheckEvent]. A deviation is a [Violation]: operation, place, JSON Pointer and the broken rule,
// never a value, so it can be logged.
//
// Requests are checked strictly, enumerations included. Answers and events come from a live API that may add to its enumerations: an
// unknown value there is reported and never an error. [WithStrict] also refuses what the contract does not name.
//
// Of the packages that users import, only this one and dwollatest depend on kin-openapi.
package contract
