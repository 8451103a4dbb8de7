package dwollatest

import (
	"slices"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

func TestEveryStateIsInTheContract(t *testing.T) {
	doc, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	for schema, states := range map[string][]string{
		"CustomerStatus":             {unverified, verified, retry, kbaNeeded, document, suspended, deactivated},
		"BeneficialOwnerStatus":      {verified, document, incomplete},
		"BeneficialOwnershipStatus":  {uncertified, certified, recertify},
		"FundingSourceStatus":        {unverified, verified},
		"DocumentStatus":             {pending, reviewed},
		"DocumentVerificationStatus": {pending, acceptedVerdict, rejectedVerdict},
		"TransferStatus":             {pending, processed, failed, cancelled},
		"MicroDepositsStatus":        {pending, processed, failed},
		"MassPaymentStatus":          {deferred, pending, processing, complete, cancelled},
		"MassPaymentItemStatus":      {pending, success, failed},
		"ExchangeStatus":             {active, deactivated},
		"ExchangePartnerStatus":      {active},
	} {
		known := doc.Components.Schemas[schema].Value.Enum
		for _, state := range states {
			if !slices.Contains(known, any(state)) {
				t.Errorf("%s is no %s: %v", state, schema, known)
			}
		}
	}
}
