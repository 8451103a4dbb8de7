package dwollatest

// behaviors is what the server does, by the operation ids of the contract. An operation that is missing here answers
// 501 and fails the coverage test.
func behaviors() map[string]behavior {
	return map[string]behavior{
		"getRoot":    plain((*state).getRoot),
		"getAccount": plain((*state).getAccount),

		"listCustomers":  plain((*state).listCustomers),
		"createCustomer": with((*state).createCustomer),
		"getCustomer":    plain((*state).getCustomer),
		"updateCustomer": with((*state).updateCustomer),

		"createAccountFundingSource":  with((*state).createAccountFundingSource),
		"createCustomerFundingSource": with((*state).createCustomerFundingSource),
		"listAccountFundingSources":   plain((*state).listAccountFundingSources),
		"listCustomerFundingSources":  plain((*state).listCustomerFundingSources),
		"getFundingSource":            plain((*state).getFundingSource),
		"updateFundingSource":         with((*state).updateFundingSource),
		"getFundingSourceBalance":     plain((*state).getFundingSourceBalance),

		"createTransfer":        with((*state).createTransfer),
		"getTransfer":           plain((*state).getTransfer),
		"cancelTransfer":        with((*state).cancelTransfer),
		"listTransferFees":      plain((*state).listTransferFees),
		"getTransferFailure":    plain((*state).getTransferFailure),
		"listAccountTransfers":  plain((*state).listAccountTransfers),
		"listCustomerTransfers": plain((*state).listCustomerTransfers),

		"createMassPayment":        with((*state).createMassPayment),
		"getMassPayment":           plain((*state).getMassPayment),
		"updateMassPayment":        with((*state).updateMassPayment),
		"listMassPaymentItems":     plain((*state).listMassPaymentItems),
		"getMassPaymentItem":       plain((*state).getMassPaymentItem),
		"listAccountMassPayments":  plain((*state).listAccountMassPayments),
		"listCustomerMassPayments": plain((*state).listCustomerMassPayments),

		"getMicroDeposits":              plain((*state).getMicroDeposits),
		"initiateOrVerifyMicroDeposits": with((*state).initiateOrVerifyMicroDeposits),

		"getFundingSourceAchRouting":  plain((*state).getFundingSourceAchRouting),
		"createOnDemandAuthorization": plain((*state).createOnDemandAuthorization),

		"listCustomerBeneficialOwners":       plain((*state).listCustomerBeneficialOwners),
		"createCustomerBeneficialOwner":      with((*state).createCustomerBeneficialOwner),
		"getBeneficialOwner":                 plain((*state).getBeneficialOwner),
		"updateBeneficialOwner":              with((*state).updateBeneficialOwner),
		"deleteBeneficialOwner":              plain((*state).deleteBeneficialOwner),
		"getCustomerBeneficialOwnership":     plain((*state).getCustomerBeneficialOwnership),
		"certifyCustomerBeneficialOwnership": with((*state).certifyCustomerBeneficialOwnership),

		"listCustomerDocuments":         plain((*state).listCustomerDocuments),
		"createCustomerDocument":        uploading((*state).createCustomerDocument),
		"listBeneficialOwnerDocuments":  plain((*state).listBeneficialOwnerDocuments),
		"createBeneficialOwnerDocument": uploading((*state).createBeneficialOwnerDocument),
		"getDocument":                   plain((*state).getDocument),

		"createCustomerKba": plain((*state).createCustomerKba),
		"getKba":            plain((*state).getKba),
		"verifyKba":         with((*state).verifyKba),

		"listBusinessClassifications": plain((*state).listBusinessClassifications),
		"getBusinessClassification":   plain((*state).getBusinessClassification),

		"listExchangePartners":             plain((*state).listExchangePartners),
		"getExchangePartner":               plain((*state).getExchangePartner),
		"listAccountExchanges":             plain((*state).listAccountExchanges),
		"createAccountExchange":            with((*state).createAccountExchange),
		"getExchange":                      plain((*state).getExchange),
		"listCustomerExchanges":            plain((*state).listCustomerExchanges),
		"createCustomerExchange":           with((*state).createCustomerExchange),
		"listAvailableExchangeConnections": plain((*state).listAvailableExchangeConnections),
		"createCustomerExchangeSession":    with((*state).createCustomerExchangeSession),
		"createReauthExchangeSession":      with((*state).createReauthExchangeSession),
		"getExchangeSession":               plain((*state).getExchangeSession),

		"listCustomerLabels":      plain((*state).listCustomerLabels),
		"createCustomerLabel":     with((*state).createCustomerLabel),
		"getLabel":                plain((*state).getLabel),
		"deleteLabel":             plain((*state).deleteLabel),
		"listLabelLedgerEntries":  plain((*state).listLabelLedgerEntries),
		"createLabelLedgerEntry":  with((*state).createLabelLedgerEntry),
		"getLedgerEntry":          plain((*state).getLedgerEntry),
		"createLabelReallocation": with((*state).createLabelReallocation),
		"getLabelReallocation":    plain((*state).getLabelReallocation),

		"createClientToken": with((*state).createClientToken),

		"listEvents": plain((*state).listEvents),
		"getEvent":   plain((*state).getEvent),

		"createWebhookSubscription":       with((*state).createWebhookSubscription),
		"listWebhookSubscriptions":        plain((*state).listWebhookSubscriptions),
		"getWebhookSubscription":          plain((*state).getWebhookSubscription),
		"updateWebhookSubscription":       with((*state).updateWebhookSubscription),
		"deleteWebhookSubscription":       plain((*state).deleteWebhookSubscription),
		"listWebhookSubscriptionWebhooks": plain((*state).listWebhookSubscriptionWebhooks),
		"getWebhook":                      plain((*state).getWebhook),
		"listWebhookRetries":              plain((*state).listWebhookRetries),
		"retryWebhook":                    plain((*state).retryWebhook),

		"createSandboxSimulation": with((*state).createSandboxSimulation),
	}
}
