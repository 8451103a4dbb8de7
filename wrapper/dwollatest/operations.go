package dwollatest

// behaviors are the operations of the server, by their ids in the contract. An operation that is missing here answers
// 501 and fails the coverage test.
func behaviors() map[string]behavior {
	return map[string]behavior{
		"getRoot":    plain((*state).getRoot),
		"getAccount": get((*state).ownAccount),

		"listCustomers":  plain((*state).listCustomers),
		"createCustomer": with((*state).createCustomer),
		"getCustomer":    get((*state).customer),
		"updateCustomer": with((*state).updateCustomer),

		"createAccountFundingSource":  with((*state).createFundingSource),
		"createCustomerFundingSource": with((*state).createFundingSource),
		"listAccountFundingSources":   plain((*state).listFundingSources),
		"listCustomerFundingSources":  plain((*state).listFundingSources),
		"getFundingSource":            get((*state).source),
		"updateFundingSource":         with((*state).updateFundingSource),
		"getFundingSourceBalance":     plain((*state).getFundingSourceBalance),

		"createTransfer":        with((*state).createTransfer),
		"getTransfer":           get((*state).transfer),
		"cancelTransfer":        with((*state).cancelTransfer),
		"listTransferFees":      plain((*state).listTransferFees),
		"getTransferFailure":    plain((*state).getTransferFailure),
		"listAccountTransfers":  plain((*state).listTransfers),
		"listCustomerTransfers": plain((*state).listTransfers),

		"createMassPayment":        with((*state).createMassPayment),
		"getMassPayment":           get((*state).massPayment),
		"updateMassPayment":        with((*state).updateMassPayment),
		"listMassPaymentItems":     plain((*state).listMassPaymentItems),
		"getMassPaymentItem":       get((*state).item),
		"listAccountMassPayments":  plain((*state).listMassPayments),
		"listCustomerMassPayments": plain((*state).listMassPayments),

		"getMicroDeposits":              plain((*state).getMicroDeposits),
		"initiateOrVerifyMicroDeposits": with((*state).initiateOrVerifyMicroDeposits),

		"getFundingSourceAchRouting":  plain((*state).getFundingSourceAchRouting),
		"createOnDemandAuthorization": plain((*state).createOnDemandAuthorization),

		"listCustomerBeneficialOwners":       members("beneficial-owners", (*state).customer, func(k *customer) []*beneficialOwner { return k.beneficialOwners }),
		"createCustomerBeneficialOwner":      with((*state).createCustomerBeneficialOwner),
		"getBeneficialOwner":                 get((*state).beneficialOwner),
		"updateBeneficialOwner":              with((*state).updateBeneficialOwner),
		"deleteBeneficialOwner":              plain((*state).deleteBeneficialOwner),
		"getCustomerBeneficialOwnership":     plain((*state).getCustomerBeneficialOwnership),
		"certifyCustomerBeneficialOwnership": with((*state).certifyCustomerBeneficialOwnership),

		"listCustomerDocuments":         members("documents", (*state).customer, func(k *customer) []*storedDocument { return k.storedDocuments }),
		"createCustomerDocument":        uploading((*state).createCustomerDocument),
		"listBeneficialOwnerDocuments":  members("documents", (*state).beneficialOwner, func(o *beneficialOwner) []*storedDocument { return o.storedDocuments }),
		"createBeneficialOwnerDocument": uploading((*state).createBeneficialOwnerDocument),
		"getDocument":                   get((*state).document),

		"createCustomerKba": plain((*state).createCustomerKba),
		"getKba":            plain((*state).getKba),
		"verifyKba":         with((*state).verifyKba),

		"listBusinessClassifications": plain((*state).listBusinessClassifications),
		"getBusinessClassification":   get((*state).classification),

		"listExchangePartners":             members("exchange-partners", whole, func(st *state) []*exchangePartner { return st.partners }),
		"getExchangePartner":               get((*state).exchangePartner),
		"listAccountExchanges":             members("exchanges", (*state).partyOf, func(p *party) []*exchange { return p.exchanges }),
		"createAccountExchange":            with((*state).createExchange),
		"getExchange":                      get((*state).exchange),
		"listCustomerExchanges":            members("exchanges", (*state).partyOf, func(p *party) []*exchange { return p.exchanges }),
		"createCustomerExchange":           with((*state).createExchange),
		"listAvailableExchangeConnections": plain((*state).listAvailableExchangeConnections),
		"createCustomerExchangeSession":    with((*state).createCustomerExchangeSession),
		"createReauthExchangeSession":      with((*state).createReauthExchangeSession),
		"getExchangeSession":               get((*state).exchangeSession),

		"listCustomerLabels":      plain((*state).listCustomerLabels),
		"createCustomerLabel":     with((*state).createCustomerLabel),
		"getLabel":                get((*state).label),
		"deleteLabel":             plain((*state).deleteLabel),
		"listLabelLedgerEntries":  plain((*state).listLabelLedgerEntries),
		"createLabelLedgerEntry":  with((*state).createLabelLedgerEntry),
		"getLedgerEntry":          get((*state).ledgerEntry),
		"createLabelReallocation": with((*state).createLabelReallocation),
		"getLabelReallocation":    get((*state).reallocation),

		"createClientToken": with((*state).createClientToken),

		"listEvents": plain((*state).listEvents),
		"getEvent":   get((*state).event),

		"createWebhookSubscription":       with((*state).createWebhookSubscription),
		"listWebhookSubscriptions":        members("webhook-subscriptions", whole, func(st *state) []*subscription { return st.subscriptions }),
		"getWebhookSubscription":          get((*state).subscription),
		"updateWebhookSubscription":       with((*state).updateWebhookSubscription),
		"deleteWebhookSubscription":       plain((*state).deleteWebhookSubscription),
		"listWebhookSubscriptionWebhooks": plain((*state).listWebhookSubscriptionWebhooks),
		"getWebhook":                      get((*state).webhook),
		"listWebhookRetries":              members("retries", (*state).webhook, func(k *webhook) []*webhookRetry { return k.retries }),
		"retryWebhook":                    plain((*state).retryWebhook),

		"createSandboxSimulation": with((*state).createSandboxSimulation),
	}
}

// whole is the lookup of lists that belong to no other resource.
func whole(st *state, _ *request) (*state, error) { return st, nil }
