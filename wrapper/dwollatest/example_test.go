package dwollatest_test

import (
	"context"
	"fmt"
	"log"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// A test uses dwollatest.New(t) instead, which reports deviations from the contract and stops with the test.
func Example() {
	server, err := dwollatest.NewServer()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := server.Dwolla()
	customer, bank := server.AddVerifiedCustomerWithBank("Jane Doe")

	transfer, err := client.Transfers.Create(context.Background(), dwolla.CreateTransfer{
		Links: dwolla.CreateTransferLinks{
			Source:      dwolla.LinkTo[dwolla.FundingSource](bank.Href),
			Destination: dwolla.LinkTo[dwolla.FundingSource](server.BalanceOf(customer.ID).Href),
		},
		Amount: dwolla.USDCents(25_00),
	})
	if err != nil {
		log.Print(err)
		return
	}
	server.Settle() // what takes a bank some days
	done, err := transfer.Get(context.Background())
	if err != nil {
		log.Print(err)
		return
	}
	fmt.Println(done.Status, server.Balance(customer.ID))
	// Output: processed 2500
}

// The answer to a payment gets lost; the ledger tells what happened.
func ExampleServer_Fault() {
	server, err := dwollatest.NewServer()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := server.Dwolla()
	_, bank := server.AddReceiver("Jane Doe")
	server.Fault("createTransfer", dwollatest.Fault{Status: 500, AfterCommit: true, Times: 1})

	_, err = client.Transfers.Create(context.Background(), dwolla.CreateTransfer{
		Links: dwolla.CreateTransferLinks{
			Source:      dwolla.LinkTo[dwolla.FundingSource](server.AccountBalance().Href),
			Destination: dwolla.LinkTo[dwolla.FundingSource](bank.Href),
		},
		Amount: dwolla.USDCents(25_00),
	})
	fmt.Println("error:", err)
	fmt.Println("calls:", len(server.Calls("createTransfer")))
	fmt.Println("paid:", server.Ledger().To(bank.ID).Total())
	// Output:
	// error: <nil>
	// calls: 2
	// paid: 25.00 USD
}

// Mass payments go on as time goes by, and time goes by as the test wants.
func ExampleServer_Advance() {
	server, err := dwollatest.NewServer(dwollatest.WithItemRate(1))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := server.Dwolla()
	_, bank := server.AddReceiver("Jane Doe")
	payment, err := client.MassPayments.Create(context.Background(), dwolla.CreateMassPayment{
		Links: dwolla.CreateMassPaymentLinks{Source: dwolla.LinkTo[dwolla.FundingSource](server.AccountBalance().Href)},
		Items: []dwolla.CreateMassPaymentItem{{
			Links:  dwolla.CreateMassPaymentItemLinks{Destination: dwolla.LinkTo[dwolla.FundingSource](bank.Href)},
			Amount: dwolla.USDCents(12_50),
		}},
	})
	if err != nil {
		log.Print(err)
		return
	}
	for range 2 {
		m, err := payment.Get(context.Background())
		if err != nil {
			log.Print(err)
			return
		}
		fmt.Println(m.Status)
		server.Advance(time.Second)
	}
	// Output:
	// pending
	// complete
}
