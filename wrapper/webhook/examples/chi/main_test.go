package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
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

func TestASecretMustBeSet(t *testing.T) {
	if _, err := newHooks("", slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an empty secret was accepted")
	}
}
