package dwolla_test

import (
	"context"
	"fmt"
	"iter"
	"log"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// Read is a program's own way to follow a link, the one place for its header.
func Read[T any](ctx context.Context, client *dwolla.Client, link dwolla.Link[T]) (*T, error) {
	return dwolla.Follow(ctx, client, link, dwolla.WithHeader("X-Tenant", "acme"))
}

// ReadAll is the same for a list.
func ReadAll[P dwolla.Page[T], T any](ctx context.Context, client *dwolla.Client, link dwolla.Link[P]) iter.Seq2[T, error] {
	return dwolla.FollowAll(ctx, client, link, dwolla.WithHeader("X-Tenant", "acme"))
}

// Write Follow and FollowAll once more for a program, for any type of resource and page.
func ExampleFollow_generic() {
	ctx := context.Background()
	server, err := dwollatest.NewServer()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	jane, _ := server.AddReceiver("Jane Doe")
	client, err := dwolla.NewClient(dwolla.Sandbox, server.Key(), server.Secret(), dwolla.WithHTTPClient(server.Client()))
	if err != nil {
		log.Fatal(err)
	}

	customer, err := Read(ctx, client, dwolla.LinkTo[dwolla.Customer]("/customers/"+jane.ID))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(customer.FirstName)
	for source, err := range ReadAll(ctx, client, customer.Links.FundingSources) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(source.Type)
	}
	// Output:
	// Jane
	// bank
}
