package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// configured reports whether any credential of Dwolla is set, even if another one is missing.
func configured() bool {
	for _, name := range []string{"DWOLLA_ENVIRONMENT", "DWOLLA_APP_KEY", "DWOLLA_APP_SECRET"} {
		if os.Getenv(name) != "" {
			return true
		}
	}
	return false
}

// connect makes the client. Nothing is sent yet.
func (f *flags) connect() (*dwolla.Client, error) {
	production := inProduction()
	switch {
	case !configured():
		return nil, errors.New("no credentials: set DWOLLA_ENVIRONMENT, DWOLLA_APP_KEY and DWOLLA_APP_SECRET, or try \"payout demo\"")
	case production && !f.production:
		return nil, errors.New("DWOLLA_ENVIRONMENT is production, which pays real money: that needs the flag -production too")
	case f.production && !production:
		return nil, errors.New("-production needs DWOLLA_ENVIRONMENT=production too")
	}
	return dwolla.NewClientFromEnv(dwolla.WithUserAgent("payout"), dwolla.WithLogger(slog.New(conflictWatch{&f.console.conflict})))
}

// connectSource makes the client and finds the source that pays.
func (f *flags) connectSource(ctx context.Context) (*dwolla.Client, *dwolla.FundingSource, error) {
	client, err := f.connect()
	if err != nil {
		return nil, nil, err
	}
	source, err := sourceOf(ctx, client, f.namedSource())
	return client, source, err
}

// namedSource is the source that the operator has named, if any.
func (f *flags) namedSource() string { return cmp.Or(f.source, os.Getenv("DWOLLA_FUNDING_SOURCE")) }

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
		return nil, errors.New("the account has neither a balance nor a verified bank; name a source with -source")
	}
	return bank, nil
}

// atDwolla makes the client, and a runner of what is not paying.
func (f *flags) atDwolla(store payout.Store) (*dwolla.Client, *payout.Runner, error) {
	client, err := f.connect()
	if err != nil {
		return nil, nil, err
	}
	runner, err := payout.NewRunner(store, payout.Dwolla(client), payout.Options{})
	return client, runner, err
}

// options run one mass payment after the other and show the progress at every poll.
func (f *flags) options(ctx context.Context, client *dwolla.Client, progress *progress, often bool) payout.Options {
	o := payout.Options{
		MaxOpen: 1, MaxFailedRows: f.maxFailed, SendOthers: f.sendOthers, AllowShortfall: f.allowShortfall,
		Progress: func(e payout.Event) { progress.event(ctx, client, &e) },
	}
	if often { // a test server
		o.Poll, o.MaxPoll = 200*time.Millisecond, 200*time.Millisecond
		o.LookSpan = 10 * time.Second
	}
	return o
}

// atTestServer reports whether it is no Dwolla that is paid at, and so can be asked often.
func atTestServer() bool { return !inProduction() && os.Getenv("DWOLLA_BASE_URL") != "" }

func inProduction() bool {
	return strings.EqualFold(os.Getenv("DWOLLA_ENVIRONMENT"), string(dwolla.Production))
}

// A conflictWatch is the handler of the client's log that notices when Dwolla already carries out a request with the key of
// a mass payment: another program pays the same.
type conflictWatch struct{ seen *atomic.Bool }

func (conflictWatch) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}

func (w conflictWatch) Handle(_ context.Context, r slog.Record) error {
	op, status := "", int64(0)
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "op":
			op = a.Value.String()
		case "status":
			status = a.Value.Int64()
		}
		return true
	})
	if op == "MassPayments.Create" && status == http.StatusConflict {
		w.seen.Store(true)
	}
	return nil
}

func (w conflictWatch) WithAttrs([]slog.Attr) slog.Handler { return w }
func (w conflictWatch) WithGroup(string) slog.Handler      { return w }
