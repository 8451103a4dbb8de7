package dwolla_test

import (
	"context"
	"fmt"
	"log"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// Pay two people with one mass payment and see what became of each. The Dwolla of the example is in memory; for
// Dwolla's own, make the client with NewClientFromEnv.
func Example() {
	ctx := context.Background()
	server, err := dwollatest.NewServer(dwollatest.WithItemRate(0))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	_, jane := server.AddReceiver("Jane Doe")
	suspended, joe := server.AddReceiver("Joe Bloggs")
	server.SetStatus(suspended.ID, "suspended")

	client, err := dwolla.NewClient(dwolla.Sandbox, server.Key(), server.Secret(), dwolla.WithHTTPClient(server.Client()))
	if err != nil {
		log.Fatal(err)
	}
	wages := dwolla.CreateMassPayment{CorrelationID: "wages-2026-11"}
	wages.Links.Source.Href = server.AccountBalance().Href
	for i, bank := range []string{jane.Href, joe.Href} {
		item := dwolla.CreateMassPaymentItem{
			Amount:        dwolla.USDCents(125_50),
			CorrelationID: fmt.Sprintf("wages-2026-11-%d", i+1),
		}
		item.Links.Destination.Href = bank
		wages.Items = append(wages.Items, item)
	}

	ref, err := client.MassPayments.Create(ctx, wages)
	if err != nil {
		log.Fatal(err) // keep an *OutcomeUnknownError as JSON, to Reconcile or Resend it
	}

	done, err := client.MassPayments.WaitFor(ctx, ref.ID(), dwolla.Wait{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(done.CorrelationID, done.Status, done.Total)
	for item, err := range client.MassPayments.AllItems(ctx, ref.ID(), dwolla.ListMassPaymentItemsParams{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(item.CorrelationID, item.Status, item.Amount)
		for _, problem := range item.Embedded.Errors {
			fmt.Println(" ", problem.Code, problem.Message)
		}
	}
	// Output:
	// wages-2026-11 complete 251.00 USD
	// wages-2026-11-1 success 125.50 USD
	// wages-2026-11-2 failed 125.50 USD
	//   Restricted Receiver restricted.
}
