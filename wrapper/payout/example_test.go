package payout_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// The same program starts a payout, resumes it after a crash, and reports it again when it is done.
func Example() {
	ctx := context.Background()
	server, err := dwollatest.NewServer(dwollatest.WithItemRate(0))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	_, jane := server.AddReceiver("Jane Doe")
	gone, joe := server.AddReceiver("Joe Roe")
	server.SetStatus(gone.ID, "suspended")
	dir, err := os.MkdirTemp("", "payout")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()

	store, err := payout.OpenFile(filepath.Join(dir, "payroll.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	people := strings.NewReader("destination,amount,correlation_id\n" + jane.ID + ",1200.00,jane\n" + joe.ID + ",0.05,joe\n")
	batch, err := payout.Prepare(ctx, store, "payroll-2026-11", payout.ReadCSV(people), payout.Plan{Source: server.AccountBalance().Href})
	if err != nil {
		log.Fatal(err) // every bad row, by its line; nothing was sent
	}
	runner, err := payout.NewRunner(store, payout.Dwolla(server.Dwolla()), payout.Options{Poll: time.Millisecond})
	if err != nil {
		log.Fatal(err)
	}
	summary, err := runner.Run(ctx, batch.ID)
	if err != nil {
		log.Fatal(err) // resumable, or a person has to decide
	}
	fmt.Println("paid:", summary.Totals.Paid.Rows, summary.Totals.Paid.Amount())
	for row, err := range payout.OpenReport(store, batch.ID).Rows(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(strings.TrimSpace(fmt.Sprint(row.Line, " ", row.CorrelationID, " ", row.Status, " ", row.Code)))
	}
	// Output:
	// paid: 1 1200.00 USD
	// 2 jane paid
	// 3 joe failed Restricted
}

// A deferred batch waits for somebody who looks at its total. What failed is paid again in a batch of its own.
func ExampleRunner_Approve() {
	ctx := context.Background()
	server, err := dwollatest.NewServer(dwollatest.WithItemRate(0))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	customer, bank := server.AddReceiver("Joe Roe")
	server.SetStatus(customer.ID, "suspended")
	dir, err := os.MkdirTemp("", "payout")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	store, err := payout.OpenFile(filepath.Join(dir, "bonus.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	people := strings.NewReader("destination,amount\n" + bank.ID + ",75.00\n")
	plan := payout.Plan{Source: server.AccountBalance().Href, Deferred: true}
	batch, err := payout.Prepare(ctx, store, "bonus", payout.ReadCSV(people), plan)
	if err != nil {
		log.Fatal(err)
	}
	runner, err := payout.NewRunner(store, payout.Dwolla(server.Dwolla()), payout.Options{Poll: time.Millisecond})
	if err != nil {
		log.Fatal(err)
	}
	pay := func(id string) payout.Summary {
		summary, err := runner.Run(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		return summary
	}

	summary := pay(batch.ID)
	fmt.Println("awaits approval:", summary.AwaitsApproval, batch.Amount())
	if err := runner.Approve(ctx, batch.ID, batch.Amount(), payout.Decider{By: "Ada Byron"}); err != nil {
		log.Fatal(err)
	}
	summary = pay(batch.ID)
	fmt.Println("failed:", summary.Totals.Failed.Rows)

	server.SetStatus(customer.ID, "unverified")
	again, err := runner.PrepareRetry(ctx, batch.ID, "bonus-again")
	if err != nil {
		log.Fatal(err)
	}
	pay(again.ID)
	if err := runner.Approve(ctx, again.ID, again.Amount(), payout.Decider{By: "Ada Byron"}); err != nil {
		log.Fatal(err)
	}
	summary = pay(again.ID)
	fmt.Println("paid in", again.ID, "of", again.RetryOf+":", summary.Totals.Paid.Amount())
	// Output:
	// awaits approval: true 75.00 USD
	// failed: 1
	// paid in bonus-again of bonus: 75.00 USD
}
