package dwolla

import (
	"errors"
	"testing"
)

func TestATransferNeedsBothItsSides(t *testing.T) {
	for name, spoil := range map[string]func(*CreateTransfer){
		"_links.source":      func(c *CreateTransfer) { c.Links.Source.Href = "" },
		"_links.destination": func(c *CreateTransfer) { c.Links.Destination.Href = "" },
		"fees[1].amount":     func(c *CreateTransfer) { c.Fees = []CreateTransferFee{{Amount: USDCents(1)}, {}} },
		"metadata":           func(c *CreateTransfer) { c.Metadata = map[string]string{"": "x"} },
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			sent := payment("rent-1")
			spoil(&sent)
			_, err := r.Transfers.Create(t.Context(), sent)
			r.check(t, err, want{OutcomeNotSent, 0, 0})
			if bad, ok := errors.AsType[*ArgumentError](err); !ok || bad.Argument != "body."+name {
				t.Error(err)
			}
		})
	}
}
