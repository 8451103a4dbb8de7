// Command chi receives Dwolla's webhooks on the chi router.
//
//	DWOLLA_WEBHOOK_SECRET=… go run .
package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func main() {
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, logger); err != nil {
		logger.Error("stopped", "error", err)
		os.Exit(1) //nolint:gocritic // the process ends, and with it the signals
	}
}

func run(ctx context.Context, logger *slog.Logger) error {
	hooks, err := newHooks(os.Getenv("DWOLLA_WEBHOOK_SECRET"), logger)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", ":8080")
	if err != nil {
		return err
	}
	return serve(ctx, listener, hooks)
}

// serve receives events until ctx ends, and then until those in progress are processed.
func serve(ctx context.Context, listener net.Listener, hooks *webhook.Handler) error {
	server := &http.Server{Handler: newRouter(hooks), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	// Serve returns at once when Shutdown is called; the program has to wait for Shutdown.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(last), hooks.Shutdown(last))
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
