// Command chi receives Dwolla's webhooks on the chi router.
//
//	DWOLLA_WEBHOOK_SECRET=… go run .
package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func main() {
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := run(logger); err != nil {
		logger.Error("stopped", "error", err)
		os.Exit(1)
	}
}

func run(logger *slog.Logger) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	hooks, err := newHooks(os.Getenv("DWOLLA_WEBHOOK_SECRET"), logger)
	if err != nil {
		return err
	}
	server := &http.Server{Addr: ":8080", Handler: newRouter(hooks), ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = server.Shutdown(last)
	})
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func newHooks(secret string, logger *slog.Logger) (*webhook.Handler, error) {
	return webhook.NewHandler(secret,
		webhook.WithLogger(logger),
		webhook.On(dwolla.EventTopicCustomerTransferCompleted, func(ctx context.Context, event *webhook.Event) error {
			logger.InfoContext(ctx, "look at the transfer again", "event", event)
			return nil
		}))
}

// newRouter mounts the handler outside of middleware that reads or rewrites bodies, since the raw bytes are signed.
func newRouter(hooks http.Handler) http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer)
	r.Method(http.MethodPost, "/webhooks/dwolla", hooks)
	return r
}
