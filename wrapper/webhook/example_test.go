package webhook_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"syscall"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/webhooktest"
)

// A receiver with net/http, and a delivery as Dwolla sends it.
func Example() {
	const secret = "the secret of the subscription"
	hooks, err := webhook.NewHandler(secret,
		webhook.On(dwolla.EventTopicCustomerTransferCompleted, func(_ context.Context, event *webhook.Event) error {
			fmt.Println(event.Topic, event.ResourceID)
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/webhooks/dwolla", hooks)
	server := httptest.NewServer(mux)
	defer server.Close()

	event := webhooktest.NewEvent(dwolla.EventTopicCustomerTransferCompleted, "transfers/f317d447-2bd1-55a5-ba14-b565022fc897")
	for range 2 { // the second is a duplicate
		answer, err := webhooktest.Send(context.Background(), server.Client(), server.URL+"/webhooks/dwolla", secret, event)
		if err != nil {
			log.Fatal(err)
		}
		_ = answer.Body.Close()
		fmt.Println(answer.StatusCode)
	}
	// Output:
	// customer_transfer_completed f317d447-2bd1-55a5-ba14-b565022fc897
	// 200
	// 200
}

// A handler that reads the resource of an event, so that the order in which events arrive does not matter.
func ExampleResource() {
	client, err := dwolla.NewClientFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	setStatus := func(context.Context, string, dwolla.TransferStatus) error { return nil } // an UPDATE in your database

	look := func(ctx context.Context, event *webhook.Event) error {
		transfer, err := webhook.Resource[dwolla.Transfer](ctx, client, event)
		if err != nil {
			return err // Dwolla sends the event again
		}
		return setStatus(ctx, transfer.ID, transfer.Status)
	}
	hooks, err := webhook.NewHandler(os.Getenv("DWOLLA_WEBHOOK_SECRET"), webhook.OnPrefix("customer_transfer_", look))
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/webhooks/dwolla", hooks)
}

// A program that acknowledges events first: it replays missed events when it starts, and finishes its work before it
// ends.
func ExampleHandler_Replay() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	client, err := dwolla.NewClientFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	secret := os.Getenv("DWOLLA_WEBHOOK_SECRET")
	hooks, err := webhook.NewHandler(secret,
		webhook.OnAny(func(context.Context, *webhook.Event) error { return nil }),
		webhook.WithBackground(webhook.Background{Workers: 4}))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := webhook.EnsureSubscription(ctx, client, "https://example.com/webhooks/dwolla", secret); err != nil {
		log.Fatal(err)
	}
	go func() {
		lastSeen := time.Now().Add(-24 * time.Hour) // from your own records
		if done, err := hooks.Replay(ctx, client, lastSeen); err != nil {
			log.Print(done, err)
		}
	}()

	server := &http.Server{Addr: ":8080", Handler: hooks, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Print(err)
			stop()
		}
	}()
	<-ctx.Done()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if err := errors.Join(server.Shutdown(last), hooks.Shutdown(last)); err != nil {
		log.Print(err)
	}
}

// A handler whose work and record are committed together, so that no crash makes an event run twice. The Store of
// wrapper/store/postgres has such a CompleteTx.
func ExampleClaimFromContext() {
	var db *sql.DB
	var completeTx func(context.Context, *sql.Tx, webhook.Claim) error // of the Store

	handle := func(ctx context.Context, event *webhook.Event) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() // does nothing after Commit
		if _, err := tx.ExecContext(ctx, "INSERT INTO inbox (resource) VALUES ($1)", event.ResourceID); err != nil {
			return err
		}
		claim, _ := webhook.ClaimFromContext(ctx)
		if err := completeTx(ctx, tx, claim); err != nil {
			return err
		}
		return tx.Commit()
	}
	_ = webhook.OnAny(handle)
}

// Failed deliveries, each of which Dwolla is told to repeat.
func ExampleUndelivered() {
	ctx := context.Background()
	client, err := dwolla.NewClientFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	yesterday := time.Now().AddDate(0, 0, -1)
	for missed, err := range webhook.Undelivered(ctx, client, "9497da45-c430-5cac-84b5-c6f3e277e505", yesterday) {
		if err != nil {
			log.Fatal(err)
		}
		if _, err := client.Webhooks.Retry(ctx, missed.ID); err != nil {
			log.Fatal(err)
		}
	}
}

func ExampleVerifier_Verify() {
	verifier, err := webhook.NewVerifier("new secret", "old secret")
	if err != nil {
		log.Fatal(err)
	}
	body := []byte(`{"id":"1","topic":"transfer_created"}`)
	header := http.Header{}
	header.Set(webhook.SignatureHeader, webhook.Sign("old secret", body))
	fmt.Println(verifier.Verify(header, body))
	header.Set(webhook.SignatureHeader, webhook.Sign("no secret", body))
	fmt.Println(verifier.Verify(header, body))
	// Output:
	// <nil>
	// webhook: not signed with an accepted secret
}
