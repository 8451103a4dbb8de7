package webhook_test

import (
	"errors"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func TestNewHandlerRefusesInvalidOptions(t *testing.T) {
	fine := webhook.OnAny(neverCalled(t))
	for name, opts := range map[string][]webhook.Option{
		"no handler at all":       nil,
		"a nil option":            {fine, nil},
		"a nil handler":           {webhook.OnAny(nil)},
		"an empty topic":          {webhook.On("", neverCalled(t))},
		"an empty prefix":         {webhook.OnPrefix("", neverCalled(t))},
		"a nil store":             {fine, webhook.WithStore(nil)},
		"a nil logger":            {fine, webhook.WithLogger(nil)},
		"a time limit of zero":    {fine, webhook.WithTimeout(0)},
		"a size limit of zero":    {fine, webhook.WithMaxBody(0)},
		"an age below zero":       {fine, webhook.WithMaxAge(-1)},
		"an age of zero":          {fine, webhook.WithMaxAge(0)},
		"a negative queue":        {fine, webhook.WithBackground(webhook.Background{Queue: -1})},
		"no previous secret":      {fine, webhook.WithPreviousSecrets()},
		"an empty former secret":  {fine, webhook.WithPreviousSecrets("")},
		"a negative worker count": {fine, webhook.WithBackground(webhook.Background{Workers: -1})},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := webhook.NewHandler(signingSecret, opts...)
			if !errors.Is(err, dwolla.ErrConfiguration) || h != nil {
				t.Errorf("got %v, %v", h, err)
			}
		})
	}
}
