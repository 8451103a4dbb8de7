package main

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/webhooktest"
)

func TestTheRouterReceivesEvents(t *testing.T) {
	const secret = "rosebud"
	var log bytes.Buffer
	hooks, err := newHooks(secret, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(newRouter(hooks))
	defer server.Close()
	event := webhooktest.NewEvent(dwolla.EventTopicCustomerTransferCompleted, "transfers/1")
	for sent, want := range map[string]int{secret: http.StatusOK, "another": http.StatusUnauthorized} {
		answer, err := webhooktest.Send(t.Context(), server.Client(), server.URL+"/webhooks/dwolla", sent, event)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("answered %d, want %d", answer.StatusCode, want)
		}
	}
	if strings.Count(log.String(), "look at the transfer again") != 1 {
		t.Errorf("logged %s", log.String())
	}
}

func TestADeliveryInProgressIsAnsweredBeforeTheProgramEnds(t *testing.T) {
	const secret = "rosebud"
	inWork, finish := make(chan struct{}), make(chan struct{})
	hooks, err := webhook.NewHandler(secret, webhook.OnAny(func(context.Context, *webhook.Event) error {
		close(inWork)
		<-finish
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- serve(ctx, listener, hooks) }()
	status := make(chan int, 1)
	go func() {
		event := webhooktest.NewEvent(dwolla.EventTopicCustomerTransferCompleted, "transfers/1")
		answer, err := webhooktest.Send(t.Context(), http.DefaultClient, "http://"+listener.Addr().String()+"/webhooks/dwolla", secret, event)
		if err != nil {
			status <- 0
			return
		}
		_ = answer.Body.Close()
		status <- answer.StatusCode
	}()
	<-inWork
	stop()
	select {
	case err := <-stopped:
		t.Fatalf("the program ended with a delivery in progress: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(finish)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if got := <-status; got != http.StatusOK {
		t.Errorf("answered %d", got)
	}
}

func TestASecretMustBeSet(t *testing.T) {
	if _, err := newHooks("", slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an empty secret was accepted")
	}
}
