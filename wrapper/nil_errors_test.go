package dwolla_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/contract"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

func TestFault291_ANilErrorOfAnyTypeSaysThatItIsNil(t *testing.T) {
	for _, err := range []error{
		(*dwolla.Error)(nil), (*dwolla.ArgumentError)(nil), (*dwolla.ConfigurationError)(nil), (*dwolla.LinkError)(nil),
		(*dwolla.OutcomeUnknownError)(nil), (*dwolla.ReconcileError)(nil),
		(*api.FormatError)(nil), (*api.AmountError)(nil), (*api.CurrencyMismatchError)(nil), (*api.NoMemberError)(nil), (*api.UnknownEnvironmentError)(nil),
		(*payout.CorruptError)(nil), (*payout.EditedError)(nil), (*payout.RowError)(nil), (*payout.UnknownColumnError)(nil), (*payout.InputError)(nil),
		(*payout.HeldError)(nil), (*payout.StoppedError)(nil), (*payout.RetriedError)(nil),
		(*contract.Violation)(nil), (*contract.UnknownOperationError)(nil),
	} {
		t.Run(fmt.Sprintf("%T", err), func(t *testing.T) {
			if text := err.Error(); !strings.Contains(text, "a nil *") {
				t.Errorf("the text is %q", text)
			}
			var log bytes.Buffer
			slog.New(slog.NewTextHandler(&log, nil)).Info("x", "err", err)
			if text := fmt.Sprintf("%v %+v %#v %s", err, err, err, err) + log.String(); strings.Contains(strings.ToLower(text), "panic") {
				t.Error(text)
			}
			if errors.Is(err, dwolla.ErrNotSent) || errors.Is(fmt.Errorf("x: %w", err), errors.New("y")) || errors.Unwrap(err) != nil {
				t.Error("is something")
			}
			if _, bad := json.Marshal(err); bad != nil {
				t.Error(bad)
			}
		})
	}
}
