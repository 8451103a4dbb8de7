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
	item := func(bank, cents string, id string) dwolla.CreateMassPaymentItem {
		amount, err := dwolla.USD(cents)
		if err != nil {
			log.Fatal(err)
		}
		return dwolla.CreateMassPaymentItem{
			Links:         dwolla.CreateMassPaymentItemLinks{Destination: dwolla.LinkTo[dwolla.FundingSource](bank)},
			Amount:        amount,
			CorrelationID: id,
		}
	}
	ref, err := client.MassPayments.Create(ctx, dwolla.CreateMassPayment{
		Links:         dwolla.CreateMassPaymentLinks{Source: dwolla.LinkTo[dwolla.FundingSource](server.AccountBalance().Href)},
		Items:         []dwolla.CreateMassPaymentItem{item(jane.Href, "125.50", "wages-jane"), item(joe.Href, "98.00", "wages-joe")},
		CorrelationID: "wages-2026-11",
	})
	if err != nil {
		log.Fatal(err) // of an *OutcomeUnknownError, keep the key and the correlation id
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
	// wages-2026-11 complete 223.50 USD
	// wages-jane success 125.50 USD
	// wages-joe failed 98.00 USD
	//   Restricted Receiver restricted.
}
