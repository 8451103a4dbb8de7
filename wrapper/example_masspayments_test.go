package dwolla_test

import (
	"context"
	"fmt"
	"log"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// A payday is a Dwolla in memory where the account and a Customer have each begun to pay three people.
type payday struct {
	server            *dwollatest.Server
	client            *dwolla.Client
	account, customer string // ids
	wages             string // id of the account's mass payment
}

// newPayday stops the clock after two of the three items. The first goes to somebody who is suspended.
func newPayday() *payday {
	noon := time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)
	server, err := dwollatest.NewServer(dwollatest.WithClock(func() time.Time { return noon }), dwollatest.WithItemRate(1))
	if err != nil {
		log.Fatal(err)
	}
	employer, bank := server.AddVerifiedCustomerWithBank("Harbor Works")
	p := &payday{server: server, client: server.Dwolla(), account: server.Account().ID, customer: employer.ID}
	p.wages = p.pay(server.AccountBalance().Href, "wages-2026-11")
	p.pay(bank.Href, "bonus-2025")
	p.pay(bank.Href, "bonus-2026")
	server.Advance(2 * time.Second)
	return p
}

func (p *payday) pay(source, correlationID string) string {
	payment := dwolla.CreateMassPayment{CorrelationID: correlationID, Metadata: map[string]string{"department": "dock"}}
	payment.Links.Source.Href = source
	for i, name := range []string{"Joe Bloggs", "Jane Doe", "Max Muster"} {
		customer, bank := p.server.AddReceiver(name)
		if i == 0 {
			p.server.SetStatus(customer.ID, "suspended")
		}
		item := dwolla.CreateMassPaymentItem{
			Amount:        dwolla.USDCents(125_50),
			CorrelationID: fmt.Sprintf("%s-%d", correlationID, i+1),
		}
		item.Links.Destination.Href = bank.Href
		payment.Items = append(payment.Items, item)
	}
	ref, err := p.client.MassPayments.Create(context.Background(), payment)
	if err != nil {
		log.Fatal(err)
	}
	return ref.ID()
}

// The mass payments of the account, the newest first.
func ExampleMassPaymentsService_ListForAccount() {
	payday := newPayday()
	defer payday.server.Close()

	page, err := payday.client.MassPayments.ListForAccount(context.Background(), payday.account, dwolla.ListAccountMassPaymentsParams{Limit: 10})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(page.Total, "in all")
	for _, m := range page.Items() {
		fmt.Println(m.CorrelationID, m.Created, m.Total)
	}
	// Output:
	// 1 in all
	// wages-2026-11 2026-11-20T12:00:00.000Z 376.50 USD
}

// Find a Customer's mass payment by its correlation id, such as after an answer that got lost.
func ExampleMassPaymentsService_ListForCustomer() {
	payday := newPayday()
	defer payday.server.Close()

	page, err := payday.client.MassPayments.ListForCustomer(context.Background(), payday.customer, dwolla.ListCustomerMassPaymentsParams{
		CorrelationID: "bonus-2026",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(page.Total, "found")
	for _, m := range page.Items() {
		fmt.Println(m.CorrelationID, m.Status, m.Metadata["department"])
	}
	// Output:
	// 1 found
	// bonus-2026 processing dock
}

// The items that were not paid or not yet, and why.
func ExampleMassPaymentsService_ListItems() {
	payday := newPayday()
	defer payday.server.Close()

	page, err := payday.client.MassPayments.ListItems(context.Background(), payday.wages, dwolla.ListMassPaymentItemsParams{
		Status: []dwolla.MassPaymentItemStatus{dwolla.MassPaymentItemStatusFailed, dwolla.MassPaymentItemStatusPending},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, item := range page.Items() {
		fmt.Println(item.CorrelationID, item.Status, item.Amount)
		for _, problem := range item.Embedded.Errors {
			fmt.Printf("  %s at %s: %s\n", problem.Code, problem.Path, problem.Message)
		}
	}
	// Output:
	// wages-2026-11-1 failed 125.50 USD
	//   Restricted at /items/destination/href: Receiver restricted.
	// wages-2026-11-3 pending 125.50 USD
}

// Read a mass payment, and follow its link to the funding source that pays.
func ExampleMassPaymentsService_Get() {
	payday := newPayday()
	defer payday.server.Close()

	wages, err := payday.client.MassPayments.Get(context.Background(), payday.wages)
	if err != nil {
		log.Fatal(err)
	}
	source, err := dwolla.Follow(context.Background(), payday.client, wages.Links.Source)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(wages.CorrelationID, wages.Status, wages.Total)
	fmt.Println("from a", source.Type)
	// Output:
	// wages-2026-11 processing 376.50 USD
	// from a balance
}
