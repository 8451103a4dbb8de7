package main

import (
	"context"
	"errors"
	"os"
	"strings"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// connect finds the source that pays: at Dwolla when the environment has credentials, else in memory.
func connect(ctx context.Context, people people, progress *progress) (*payer, error) {
	if !configured() {
		return inMemory(ctx, people, progress)
	}
	if strings.EqualFold(os.Getenv("DWOLLA_ENVIRONMENT"), string(dwolla.Production)) {
		return nil, errors.New("DWOLLA_ENVIRONMENT: this is an example, it pays in the sandbox only")
	}
	client, err := dwolla.NewClientFromEnv(dwolla.WithUserAgent("payout-example"))
	if err != nil {
		return nil, err
	}
	source, err := sourceOf(ctx, client, os.Getenv("DWOLLA_FUNDING_SOURCE"))
	if err != nil {
		return nil, err
	}
	return &payer{client: client, source: source.Links.Self.Href}, nil
}

// configured reports whether any credential of Dwolla is set, even if another one is missing.
func configured() bool {
	for _, name := range []string{"DWOLLA_ENVIRONMENT", "DWOLLA_APP_KEY", "DWOLLA_APP_SECRET"} {
		if os.Getenv(name) != "" {
			return true
		}
	}
	return false
}

// sourceOf reads the funding source of an id or URL; without one, it is the account's balance or first verified bank.
func sourceOf(ctx context.Context, client *dwolla.Client, id string) (*dwolla.FundingSource, error) {
	if id != "" {
		return client.FundingSources.Get(ctx, id)
	}
	root, err := client.Root.Get(ctx)
	if err != nil {
		return nil, err
	}
	var bank *dwolla.FundingSource
	for source, err := range client.FundingSources.AllForAccount(ctx, root.Links.Account.Href, dwolla.ListAccountFundingSourcesParams{Removed: new(false)}) {
		switch {
		case err != nil:
			return nil, err
		case source.Removed:
		case source.Type == dwolla.FundingSourceTypeBalance:
			return &source, nil
		case bank == nil && source.Type == dwolla.FundingSourceTypeBank && source.Status == dwolla.FundingSourceStatusVerified:
			bank = &source
		}
	}
	if bank == nil {
		return nil, errors.New("the account has neither a balance nor a verified bank; name a source in DWOLLA_FUNDING_SOURCE")
	}
	return bank, nil
}
