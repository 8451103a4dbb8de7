package dwollatest

// behaviors is what the server does, by the operation ids of the contract. An operation that is missing here answers
// 501 and fails the coverage test.
func behaviors() map[string]behavior {
	return map[string]behavior{
		"getRoot":    plain((*world).getRoot),
		"getAccount": plain((*world).getAccount),

		"listCustomers":  plain((*world).listCustomers),
		"createCustomer": with((*world).createCustomer),
		"getCustomer":    plain((*world).getCustomer),
		"updateCustomer": with((*world).updateCustomer),

		"createAccountFundingSource":  with((*world).createAccountFundingSource),
		"createCustomerFundingSource": with((*world).createCustomerFundingSource),
		"listAccountFundingSources":   plain((*world).listAccountFundingSources),
		"listCustomerFundingSources":  plain((*world).listCustomerFundingSources),
		"getFundingSource":            plain((*world).getFundingSource),
		"updateFundingSource":         with((*world).updateFundingSource),
		"getFundingSourceBalance":     plain((*world).getFundingSourceBalance),

		"createTransfer":        with((*world).createTransfer),
		"getTransfer":           plain((*world).getTransfer),
		"cancelTransfer":        with((*world).cancelTransfer),
		"listTransferFees":      plain((*world).listTransferFees),
		"getTransferFailure":    plain((*world).getTransferFailure),
		"listAccountTransfers":  plain((*world).listAccountTransfers),
		"listCustomerTransfers": plain((*world).listCustomerTransfers),

		"createMassPayment":        with((*world).createMassPayment),
		"getMassPayment":           plain((*world).getMassPayment),
		"updateMassPayment":        with((*world).updateMassPayment),
		"listMassPaymentItems":     plain((*world).listMassPaymentItems),
		"getMassPaymentItem":       plain((*world).getMassPaymentItem),
		"listAccountMassPayments":  plain((*world).listAccountMassPayments),
		"listCustomerMassPayments": plain((*world).listCustomerMassPayments),

		"getMicroDeposits":              plain((*world).getMicroDeposits),
		"initiateOrVerifyMicroDeposits": with((*world).initiateOrVerifyMicroDeposits),

		"getFundingSourceAchRouting":  plain((*world).getFundingSourceAchRouting),
		"createOnDemandAuthorization": plain((*world).createOnDemandAuthorization),

		"listCustomerBeneficialOwners":       plain((*world).listCustomerBeneficialOwners),
		"createCustomerBeneficialOwner":      with((*world).createCustomerBeneficialOwner),
		"getBeneficialOwner":                 plain((*world).getBeneficialOwner),
		"updateBeneficialOwner":              with((*world).updateBeneficialOwner),
		"deleteBeneficialOwner":              plain((*world).deleteBeneficialOwner),
		"getCustomerBeneficialOwnership":     plain((*world).getCustomerBeneficialOwnership),
		"certifyCustomerBeneficialOwnership": with((*world).certifyCustomerBeneficialOwnership),

		"listCustomerDocuments":         plain((*world).listCustomerDocuments),
		"createCustomerDocument":        uploading((*world).createCustomerDocument),
		"listBeneficialOwnerDocuments":  plain((*world).listBeneficialOwnerDocuments),
		"createBeneficialOwnerDocument": uploading((*world).createBeneficialOwnerDocument),
		"getDocument":                   plain((*world).getDocument),

		"createCustomerKba": plain((*world).createCustomerKba),
		"getKba":            plain((*world).getKba),
		"verifyKba":         with((*world).verifyKba),

		"listBusinessClassifications": plain((*world).listBusinessClassifications),
		"getBusinessClassification":   plain((*world).getBusinessClassification),

		"listExchangePartners":             plain((*world).listExchangePartners),
		"getExchangePartner":               plain((*world).getExchangePartner),
		"listAccountExchanges":             plain((*world).listAccountExchanges),
		"createAccountExchange":            with((*world).createAccountExchange),
		"getExchange":                      plain((*world).getExchange),
		"listCustomerExchanges":            plain((*world).listCustomerExchanges),
		"createCustomerExchange":           with((*world).createCustomerExchange),
		"listAvailableExchangeConnections": plain((*world).listAvailableExchangeConnections),
		"createCustomerExchangeSession":    with((*world).createCustomerExchangeSession),
		"createReauthExchangeSession":      with((*world).createReauthExchangeSession),
		"getExchangeSession":               plain((*world).getExchangeSession),

		"listCustomerLabels":      plain((*world).listCustomerLabels),
		"createCustomerLabel":     with((*world).createCustomerLabel),
		"getLabel":                plain((*world).getLabel),
		"deleteLabel":             plain((*world).deleteLabel),
		"listLabelLedgerEntries":  plain((*world).listLabelLedgerEntries),
		"createLabelLedgerEntry":  with((*world).createLabelLedgerEntry),
		"getLedgerEntry":          plain((*world).getLedgerEntry),
		"createLabelReallocation": with((*world).createLabelReallocation),
		"getLabelReallocation":    plain((*world).getLabelReallocation),

		"createClientToken": with((*world).createClientToken),

		"listEvents": plain((*world).listEvents),
		"getEvent":   plain((*world).getEvent),

		"createWebhookSubscription":       with((*world).createWebhookSubscription),
		"listWebhookSubscriptions":        plain((*world).listWebhookSubscriptions),
		"getWebhookSubscription":          plain((*world).getWebhookSubscription),
		"updateWebhookSubscription":       with((*world).updateWebhookSubscription),
		"deleteWebhookSubscription":       plain((*world).deleteWebhookSubscription),
		"listWebhookSubscriptionWebhooks": plain((*world).listWebhookSubscriptionWebhooks),
		"getWebhook":                      plain((*world).getWebhook),
		"listWebhookRetries":              plain((*world).listWebhookRetries),
		"retryWebhook":                    plain((*world).retryWebhook),

		"createSandboxSimulation": with((*world).createSandboxSimulation),
	}
}
