// Command sandbox serves a Dwolla in memory on loopback: for clients in any language, and for trying things out.
//
// It prints the URL, the key and the secret of its application, then one line for each request. It forgets everything
// when it ends.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

const (
	history       = 1_000 // requests that are kept
	headerTimeout = 10 * time.Second
	shutdownTime  = 5 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(stderr)
	port := flags.String("port", cmp.Or(env("PORT"), "0"), "the port on loopback; 0 takes a free one (environment: PORT)")
	rate := flags.Int("items", 20, "how many items of a mass payment are paid in a second; 0 pays all at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if _, err := strconv.ParseUint(*port, 10, 16); err != nil {
		return fmt.Errorf("%q is not a port", *port)
	}
	server, err := dwollatest.NewServer(
		dwollatest.WithItemRate(*rate),
		dwollatest.WithHistory(history),
		dwollatest.WithObserver(func(r dwollatest.Request) { _, _ = fmt.Fprintln(stdout, line(r)) }),
		dwollatest.WithReport(func(err error) { _, _ = fmt.Fprintln(stdout, "  !", err) }),
	)
	if err != nil {
		return err
	}
	defer server.Close()
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", *port))
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(stdout, "url: http://%s\nkey: %s\nsecret: %s\n", listener.Addr(), server.Key(), server.Secret())
	return serve(ctx, listener, server)
}

// serve answers until ctx ends, and lets the requests under way finish.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

// line tells a request without its query, which can hold personal data.
func line(r dwollatest.Request) string {
	path, _, _ := strings.Cut(r.Path, "?")
	status := "dropped"
	if r.Status != 0 {
		status = fmt.Sprint(r.Status)
	}
	return fmt.Sprintf("%s %-6s %s %s %s", r.Time.Format(time.TimeOnly), r.Method, path, status, cmp.Or(r.Operation, "unknown"))
}
