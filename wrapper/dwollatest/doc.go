// Package dwollatest is Dwolla in memory: a stateful API v2 for tests and for offline work.
//
// What is created can be found, listed, paged, searched, changed and removed; transfers settle when the sandbox
// simulation is asked to process them; a mass payment is paid item by item as time goes by; webhooks are signed and
// delivered. Routing and validation come from the contract (package contract): every request and every response is
// checked against it, and a deviation fails the test.
//
//	server := dwollatest.New(t)
//	client := server.Dwolla()
//	_, bank := server.AddVerifiedCustomerWithBank("Jane Doe")
//
// The server runs in-process as an http.RoundTripper, without sockets and therefore inside testing/synctest, or on
// loopback after [Server.Start]. Its clock follows time.Now and is moved forward by [Server.Advance]. [Server.Fault] makes
// requests fail, [Server.SetQuirks] makes answers lag or differ as Dwolla's do at times, and [Server.Return] has a payment
// come back.
//
// Known differences to Dwolla: amounts, limits and permissions that a contract with Dwolla decides are generous; where
// the documents are silent the package does the simplest thing, and a comment says so.
package dwollatest
