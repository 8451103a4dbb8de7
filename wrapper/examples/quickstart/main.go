// Command quickstart pays two people in one mass payment and says what became of each.
//
// It takes the sandbox's or production's credentials from DWOLLA_ENVIRONMENT, DWOLLA_APP_KEY and DWOLLA_APP_SECRET, and
// the funding sources as arguments: first the one that pays, then those that are paid.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: quickstart SOURCE RECIPIENT…")
	}
	if err := pay(context.Background(), os.Args[1], os.Args[2:]); err != nil {
		log.Fatal(err)
	}
}

func pay(ctx context.Context, source string, recipients []string) error {
	client, err := dwolla.NewClientFromEnv()
	if err != nil {
		return err
	}
	payment := dwolla.CreateMassPayment{CorrelationID: "salaries-2026-02"}
	payment.Links.Source.Href = source
	for i, recipient := range recipients {
		item := dwolla.CreateMassPaymentItem{
			Amount:        dwolla.USDCents(125_000),
			CorrelationID: fmt.Sprintf("salaries-2026-02-%d", i+1),
		}
		item.Links.Destination.Href = recipient
		payment.Items = append(payment.Items, item)
	}

	ref, err := client.MassPayments.Create(ctx, payment) // with an idempotency key, retried safely
	if unknown, ok := errors.AsType[*dwolla.OutcomeUnknownError](err); ok {
		return fmt.Errorf("do not pay again before looking for %s: %w", unknown.CorrelationID, err)
	}
	if err != nil {
		return err
	}
	if _, err := client.MassPayments.WaitFor(ctx, ref.ID(), dwolla.Wait{}); err != nil {
		return err
	}
	for item, err := range client.MassPayments.AllItems(ctx, ref.ID(), dwolla.ListMassPaymentItemsParams{}) {
		if err != nil {
			return err
		}
		fmt.Println(item.CorrelationID, item.Amount, item.Status)
		for _, reason := range item.Embedded.Errors {
			fmt.Println("  ", reason.Code, reason.Message)
		}
	}
	return nil
}
