package dwolla_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/contract"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// TestEveryOperationOfTheContractIsCalled calls each operation through the public client against the in-memory Dwolla,
// which checks every request and every answer against the contract.
func TestEveryOperationOfTheContractIsCalled(t *testing.T) {
	t.Parallel()
	server := dwollatest.New(t)
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(hook.Close)
	r := &tour{T: t, ctx: t.Context(), server: server, client: server.Dwolla(), hook: hook.URL}
	t.Run("account and tokens", r.accountAndTokens)
	t.Run("customers", r.customers)
	t.Run("beneficial owners", r.owners)
	t.Run("documents", r.documents)
	t.Run("KBA", r.kba)
	t.Run("funding sources", r.fundingSources)
	t.Run("exchanges", r.exchanges)
	t.Run("transfers", r.transfers)
	t.Run("mass payments", r.massPayments)
	t.Run("labels", r.labels)
	t.Run("webhooks", r.webhooks)
	t.Run("events", r.events)

	doc, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	operations := 0
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			operations++
			if len(server.Calls(op.OperationID)) == 0 {
				t.Errorf("%s is never called", op.OperationID)
			}
		}
	}
	if operations < 82 {
		t.Errorf("the contract has only %d operations", operations)
	}
}

// A tour calls operations and needs all of them to work.
type tour struct {
	*testing.T
	ctx    context.Context
	server *dwollatest.Server
	client *dwolla.Client
	hook   string
}

// must ends a test for an error: must(client.Root.Get(ctx))(t).
func must[V any](v V, err error) func(testing.TB) V {
	return func(tb testing.TB) V {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// read gets what was created: read(client.Customers.Create(ctx, …))(t).
func read[V any](ref *dwolla.Ref[V], err error) func(testing.TB) *V {
	return func(tb testing.TB) *V {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		if ref.ID() == "" {
			tb.Fatalf("created, but nowhere: %q", ref.Href)
		}
		return must(ref.Get(tb.Context()))(tb)
	}
}

// collect walks a list to its end.
func collect[V any](tb testing.TB, all iter.Seq2[V, error]) []V {
	tb.Helper()
	var out []V
	for v, err := range all {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func (r *tour) accountAndTokens(t *testing.T) {
	if token := must(r.client.Tokens.Create(r.ctx))(t); token.AccessToken == "" || token.ExpiresIn == 0 {
		t.Error("a token without a token")
	}
	root := must(r.client.Root.Get(r.ctx))(t)
	followed := must(dwolla.Follow(r.ctx, r.client, root.Links.Account))(t)
	got := must(r.client.Accounts.Get(r.ctx, root.Links.Account.Href))(t)
	if followed.ID == "" || got.ID != followed.ID {
		t.Errorf("the root leads to account %q, Get to %q", followed.ID, got.ID)
	}
	var token dwolla.CreateClientToken
	token.Action = dwolla.ClientTokenActionCustomerUpdate
	token.Links.Customer.Href = r.server.AddVerifiedCustomer("Tok En").Href
	if must(r.client.ClientTokens.Create(r.ctx, token))(t).Token == "" {
		t.Error("a client token without a token")
	}
}

func (r *tour) customers(t *testing.T) {
	classes := must(r.client.BusinessClassifications.List(r.ctx))(t)
	class := must(r.client.BusinessClassifications.Get(r.ctx, classes.Items()[0].ID))(t)
	rosa := read(r.client.Customers.Create(r.ctx, dwolla.CreateReceiveOnlyCustomer{
		FirstName: "Rosa", LastName: "Ramos", Email: "rosa@example.com",
	}))(t)
	if rosa.Type != dwolla.CustomerTypeReceiveOnly || rosa.FirstName != "Rosa" {
		t.Errorf("a receive-only Customer came out as %s %s", rosa.Type, rosa.FirstName)
	}
	updated := must(r.client.Customers.Update(r.ctx, rosa.ID, dwolla.UpdateCustomerInformation{Email: "new@example.com"}))(t)
	if updated.Email != "new@example.com" {
		t.Error("the update is not in the answer")
	}
	if c := must(r.client.Customers.Update(r.ctx, rosa.ID, dwolla.DeactivateCustomer{}))(t); c.Status != dwolla.CustomerStatusDeactivated {
		t.Errorf("after its deactivation the Customer is %s", c.Status)
	}
	must(r.client.Customers.Update(r.ctx, rosa.ID, dwolla.ReactivateCustomer{}))(t)
	company := read(r.client.Customers.Create(r.ctx, business(class.Embedded.IndustryClassifications[0].ID, "Ada")))(t)
	if company.BusinessName != "Turing Looms" || company.Controller.FirstName != "Ada" {
		t.Errorf("a business came out as %q of %q", company.BusinessName, company.Controller.FirstName)
	}
	page := must(r.client.Customers.List(r.ctx, dwolla.ListCustomersParams{Limit: 1, Search: "rosa"}))(t)
	if page.Total != 1 || len(page.Items()) != 1 || page.Items()[0].ID != rosa.ID {
		t.Errorf("the search found %d of %d", len(page.Items()), page.Total)
	}
}

func address() dwolla.InternationalAddress {
	return dwolla.InternationalAddress{
		Address1: "1 Analytical Way", City: "Des Moines", StateProvinceRegion: "IA", PostalCode: "50309", Country: "US",
	}
}

func business(classification, controller string) dwolla.CreateBusinessCustomer {
	return dwolla.CreateBusinessCustomer{
		FirstName: "Alan", LastName: "Admin", Email: controller + "@looms.example", Address1: "1 Analytical Way", City: "Des Moines",
		State: "IA", PostalCode: "50309", BusinessName: "Turing Looms", BusinessType: dwolla.BusinessTypeWithControllerLlc,
		BusinessClassification: classification, EIN: "120000000",
		Controller: dwolla.ControllerDetails{
			FirstName: controller, LastName: "Byron", Title: "CEO", DateOfBirth: "1980-12-10", SSN: "1234", Address: address(),
		},
	}
}

func person(first string) dwolla.CreatePersonalCustomer {
	return dwolla.CreatePersonalCustomer{
		FirstName: first, LastName: "Person", Email: first + "@example.com", Address1: "2 Analytical Way", City: "Des Moines",
		State: "IA", PostalCode: "50309", DateOfBirth: "1980-12-10", SSN: "1234",
	}
}

func (r *tour) company(t *testing.T, controller string) string {
	t.Helper()
	classes := must(r.client.BusinessClassifications.List(r.ctx))(t)
	body := business(classes.Items()[0].Embedded.IndustryClassifications[0].ID, controller)
	return must(r.client.Customers.Create(r.ctx, body))(t).ID()
}

func (r *tour) owners(t *testing.T) {
	company := r.company(t, "Grace")
	body := dwolla.CreateBeneficialOwner{FirstName: "incomplete", LastName: "Owner", DateOfBirth: "1970-01-02", SSN: "123456789", Address: address()}
	owner := read(r.client.BeneficialOwners.CreateForCustomer(r.ctx, company, body))(t)
	must(r.client.BeneficialOwners.Update(r.ctx, owner.ID, dwolla.UpdateBeneficialOwner{
		FirstName: "document", LastName: "Owner", DateOfBirth: "1970-01-02", SSN: "123456789", Address: address(),
	}))(t)
	if got := must(r.client.BeneficialOwners.ListForCustomer(r.ctx, company))(t); len(got.Items()) != 1 {
		t.Errorf("%d owners", len(got.Items()))
	}
	must(r.client.Documents.ListForBeneficialOwner(r.ctx, owner.ID))(t)
	must(r.client.Documents.CreateForBeneficialOwner(r.ctx, owner.ID, picture()))(t)
	must(r.client.BeneficialOwners.Delete(r.ctx, owner.ID))(t)
	certified := must(r.client.BeneficialOwners.CertifyOwnership(r.ctx, company))(t)
	status := must(r.client.BeneficialOwners.GetOwnership(r.ctx, company))(t)
	if status.Status != dwolla.BeneficialOwnershipStatusCertified || certified.Status != status.Status {
		t.Errorf("certified is %s, then %s", certified.Status, status.Status)
	}
}

// picture is the smallest thing that a PNG's first bytes make of a file.
func picture() dwolla.CreateDocument {
	return dwolla.CreateDocument{
		DocumentType: dwolla.DocumentTypePassport,
		File:         dwolla.File{Name: "passport.png", Content: bytes.NewReader([]byte("\x89PNG\r\n\x1a\n0000"))},
	}
}

func (r *tour) documents(t *testing.T) {
	customer := must(r.client.Customers.Create(r.ctx, person("document")))(t)
	document := read(r.client.Documents.CreateForCustomer(r.ctx, customer.ID(), picture()))(t)
	if document.Type != dwolla.DocumentTypePassport {
		t.Errorf("the document is a %s", document.Type)
	}
	must(r.client.Documents.Get(r.ctx, document.ID))(t)
	if page := must(r.client.Documents.ListForCustomer(r.ctx, customer.Href))(t); len(page.Items()) != 1 {
		t.Errorf("%d documents", len(page.Items()))
	}
}

func (r *tour) kba(t *testing.T) {
	customer := must(r.client.Customers.Create(r.ctx, person("kba")))(t)
	session := read(r.client.KBA.Initiate(r.ctx, customer.ID()))(t)
	var answers dwolla.VerifyKBA
	for _, q := range session.Questions {
		answers.Answers = append(answers.Answers, dwolla.VerifyKBAAnswer{QuestionID: q.ID, AnswerID: q.Answers[0].ID})
	}
	must(r.client.KBA.Verify(r.ctx, session.ID, answers))(t)
}

func (r *tour) fundingSources(t *testing.T) {
	customer := r.server.AddVerifiedCustomer("Fun Ding")
	if page := must(r.client.FundingSources.ListForAccount(r.ctx, r.server.Account().ID, dwolla.ListAccountFundingSourcesParams{}))(t); len(page.Items()) == 0 {
		t.Error("the account has no funding source")
	}
	must(r.client.FundingSources.Create(r.ctx, dwolla.CreateAccountBankFundingSource{
		AccountNumber: "123456789", RoutingNumber: "222222226", BankAccountType: dwolla.DepositAccountTypeChecking, Name: "Second",
	}))(t)
	bank := read(r.client.FundingSources.CreateForCustomer(r.ctx, customer.ID, dwolla.CreateCustomerBankFundingSource{
		AccountNumber: "987654321", RoutingNumber: "222222226", BankAccountType: dwolla.BankAccountTypeSavings, Name: "Savings",
	}))(t)
	if bank.Status != dwolla.FundingSourceStatusUnverified || bank.Name != "Savings" {
		t.Errorf("the bank is %s and named %q", bank.Status, bank.Name)
	}
	must(r.client.FundingSources.InitiateMicroDeposits(r.ctx, bank.ID))(t)
	r.server.Settle()
	must(r.client.FundingSources.GetMicroDeposits(r.ctx, bank.ID))(t)
	must(r.client.FundingSources.VerifyMicroDeposits(r.ctx, bank.ID, dwolla.VerifyMicroDeposits{
		Amount1: dwolla.USDCents(3), Amount2: dwolla.USDCents(5),
	}))(t)
	must(r.client.FundingSources.Update(r.ctx, bank.ID, dwolla.UpdateBankFundingSource{Name: "Renamed"}))(t)
	if got := must(r.client.FundingSources.Get(r.ctx, bank.ID))(t); got.Name != "Renamed" || got.Status != dwolla.FundingSourceStatusVerified {
		t.Errorf("the bank is %s and named %q", got.Status, got.Name)
	}
	virtual := must(r.client.FundingSources.CreateForCustomer(r.ctx, customer.ID, dwolla.CreateVirtualFundingSource{Name: "VAN"}))(t)
	if routing := must(r.client.FundingSources.GetACHRouting(r.ctx, virtual.ID()))(t); routing.AccountNumber == "" {
		t.Error("a virtual account without a number")
	}
	if balance := must(r.client.FundingSources.GetBalance(r.ctx, r.server.AccountBalance().ID))(t); balance.Balance.Validate() != nil {
		t.Errorf("the balance is %v", balance.Balance)
	}
	must(r.client.FundingSources.Update(r.ctx, bank.ID, dwolla.RemoveFundingSource{}))(t)
	gone := new(true)
	page := must(r.client.FundingSources.ListForCustomer(r.ctx, customer.ID, dwolla.ListCustomerFundingSourcesParams{Removed: gone}))(t)
	if len(page.Items()) != 1 || page.Items()[0].ID != bank.ID {
		t.Errorf("%d removed funding sources", len(page.Items()))
	}
	must(r.client.FundingSources.CreateOnDemandAuthorization(r.ctx))(t)
}

func (r *tour) exchanges(t *testing.T) {
	customer := r.server.AddVerifiedCustomer("Ex Change")
	partners := must(r.client.ExchangePartners.List(r.ctx))(t)
	var plaid dwolla.ExchangePartner
	for _, p := range partners.Items() {
		if p.Name == dwolla.ExchangePartnerNamePlaid {
			plaid = p
		}
	}
	must(r.client.ExchangePartners.Get(r.ctx, plaid.ID))(t)
	var body dwolla.CreateTokenExchange
	body.Links.ExchangePartner.Href, body.Token = plaid.Links.Self.Href, "token-of-the-partner"
	exchange := read(r.client.Exchanges.CreateForCustomer(r.ctx, customer.ID, body))(t)
	body.Token = "another-token-of-the-partner"
	must(r.client.Exchanges.Create(r.ctx, body))(t)
	must(r.client.Exchanges.List(r.ctx))(t)
	must(r.client.Exchanges.ListForCustomer(r.ctx, customer.ID))(t)
	must(r.client.Exchanges.ListAvailableConnections(r.ctx, customer.ID))(t)
	var session dwolla.CreateExchangeSession
	session.Links.ExchangePartner.Href = plaid.Links.Self.Href
	read(r.client.ExchangeSessions.CreateForCustomer(r.ctx, customer.ID, session))(t)
	read(r.client.ExchangeSessions.CreateForExchange(r.ctx, exchange.ID, nil))(t)
}

func (r *tour) transfers(t *testing.T) {
	customer, bank := r.server.AddVerifiedCustomerWithBank("Trans Fer")
	body := dwolla.CreateTransfer{Amount: dwolla.USDCents(1234), CorrelationID: "tour-1"}
	body.Links.Source.Href, body.Links.Destination.Href = bank.Href, r.server.AccountBalance().Href
	transfer := read(r.client.Transfers.Create(r.ctx, body))(t)
	if transfer.Amount.Amount != "12.34" || transfer.CorrelationID != "tour-1" {
		t.Errorf("the transfer is of %v, correlation id %q", transfer.Amount, transfer.CorrelationID)
	}
	account := must(r.client.Transfers.ListForAccount(r.ctx, r.server.Account().ID, dwolla.ListAccountTransfersParams{CorrelationID: "tour-1"}))(t)
	if len(account.Items()) != 1 {
		t.Errorf("%d transfers have the correlation id", len(account.Items()))
	}
	must(r.client.Transfers.ListForCustomer(r.ctx, customer.ID, dwolla.ListCustomerTransfersParams{}))(t)
	must(r.client.Transfers.ListFees(r.ctx, transfer.ID))(t)
	canceled := must(r.client.Transfers.Cancel(r.ctx, transfer.ID))(t)
	if canceled.Status != dwolla.TransferStatusCancelled {
		t.Errorf("after its cancellation the transfer is %s", canceled.Status)
	}
	if _, err := r.client.Transfers.Cancel(r.ctx, transfer.ID); !errors.Is(err, dwolla.ErrRejected) {
		t.Errorf("a second cancellation: %v", err)
	}
	body.Links.Source.Href = r.server.AddBank(customer.ID, "R01").Href
	failing := must(r.client.Transfers.Create(r.ctx, body))(t)
	must(r.client.SandboxSimulations.Create(r.ctx, nil))(t)
	if failed := must(failing.Get(r.ctx))(t); failed.Status != dwolla.TransferStatusFailed {
		t.Errorf("a transfer from R01 is %s", failed.Status)
	}
	if why := must(r.client.Transfers.GetFailure(r.ctx, failing.ID()))(t); why.Code != "R01" {
		t.Errorf("it failed with %q", why.Code)
	}
}

func (r *tour) massPayments(t *testing.T) {
	customer, bank := r.server.AddVerifiedCustomerWithBank("Mass Payer")
	_, receiver := r.server.AddReceiver("Rec Eiver")
	body := dwolla.CreateMassPayment{CorrelationID: "tour-2", Status: dwolla.CreateMassPaymentStatusDeferred}
	body.Links.Source.Href = bank.Href
	item := dwolla.CreateMassPaymentItem{Amount: dwolla.USDCents(100)}
	item.Links.Destination.Href = receiver.Href
	body.Items = append(body.Items, item, item)
	created := read(r.client.MassPayments.Create(r.ctx, body))(t)
	if created.Status != dwolla.MassPaymentStatusDeferred {
		t.Errorf("created as %s", created.Status)
	}
	must(r.client.MassPayments.Update(r.ctx, created.ID, dwolla.UpdateMassPayment{Status: dwolla.UpdateMassPaymentStatusPending}))(t)
	must(r.client.MassPayments.ListForAccount(r.ctx, r.server.Account().ID, dwolla.ListAccountMassPaymentsParams{}))(t)
	mine := must(r.client.MassPayments.ListForCustomer(r.ctx, customer.ID, dwolla.ListCustomerMassPaymentsParams{CorrelationID: "tour-2"}))(t)
	if len(mine.Items()) != 1 {
		t.Errorf("%d mass payments have the correlation id", len(mine.Items()))
	}
	items := collect(t, r.client.MassPayments.AllItems(r.ctx, created.ID, dwolla.ListMassPaymentItemsParams{}))
	if len(items) != 2 {
		t.Fatalf("%d items", len(items))
	}
	must(r.client.MassPayments.GetItem(r.ctx, items[0].ID))(t)
}

func (r *tour) labels(t *testing.T) {
	customer := r.server.AddVerifiedCustomer("La Bel")
	r.server.SetBalance(customer.ID, 100_000)
	from := read(r.client.Labels.CreateForCustomer(r.ctx, customer.ID, dwolla.CreateLabel{Amount: dwolla.USDCents(5000)}))(t)
	to := must(r.client.Labels.CreateForCustomer(r.ctx, customer.ID, dwolla.CreateLabel{Amount: dwolla.USDCents(100)}))(t)
	var move dwolla.CreateLabelReallocation
	move.Links.From.Href, move.Links.To.Href, move.Amount = from.Links.Self.Href, to.Href, dwolla.USDCents(1000)
	read(r.client.Labels.Reallocate(r.ctx, move))(t)
	entry := read(r.client.Labels.CreateLedgerEntry(r.ctx, from.ID, dwolla.CreateLedgerEntry{Amount: dwolla.Money{Amount: "-40.00", Currency: "USD"}}))(t)
	if entry.Amount.Amount != "-40.00" {
		t.Errorf("the entry is of %v", entry.Amount)
	}
	must(r.client.Labels.ListLedgerEntries(r.ctx, from.ID, dwolla.ListLabelLedgerEntriesParams{}))(t)
	must(r.client.Labels.ListForCustomer(r.ctx, customer.ID, dwolla.ListCustomerLabelsParams{}))(t)
	must(r.client.Labels.Delete(r.ctx, from.ID))(t)
}

func (r *tour) webhooks(t *testing.T) {
	subscription := read(r.client.WebhookSubscriptions.Create(r.ctx, dwolla.CreateWebhookSubscription{URL: r.hook, Secret: "a secret of the tour"}))(t)
	r.server.AddVerifiedCustomer("Web Hook")
	r.server.WaitWebhooks()
	sent := must(r.client.WebhookSubscriptions.ListWebhooks(r.ctx, subscription.ID, dwolla.ListWebhookSubscriptionWebhooksParams{}))(t)
	if len(sent.Items()) == 0 {
		t.Fatal("nothing was delivered")
	}
	webhook := must(r.client.Webhooks.Get(r.ctx, sent.Items()[0].ID))(t)
	must(r.client.Webhooks.Retry(r.ctx, webhook.ID))(t)
	must(r.client.Webhooks.ListRetries(r.ctx, webhook.ID))(t)
	must(r.client.WebhookSubscriptions.List(r.ctx))(t)
	paused := must(r.client.WebhookSubscriptions.Update(r.ctx, subscription.ID, dwolla.UpdateWebhookSubscription{Paused: true}))(t)
	resumed := must(r.client.WebhookSubscriptions.Update(r.ctx, subscription.ID, dwolla.UpdateWebhookSubscription{Paused: false}))(t)
	if !paused.Paused || resumed.Paused {
		t.Errorf("paused is %t, then %t", paused.Paused, resumed.Paused)
	}
	must(r.client.WebhookSubscriptions.Delete(r.ctx, subscription.ID))(t)
}

func (r *tour) events(t *testing.T) {
	page := must(r.client.Events.List(r.ctx, dwolla.ListEventsParams{Limit: 5}))(t)
	if len(page.Items()) != 5 || page.NextHref() == "" {
		t.Fatalf("%d events, next %q", len(page.Items()), page.NextHref())
	}
	event := must(r.client.Events.Get(r.ctx, page.Items()[0].ID))(t)
	if !event.Topic.Known() {
		t.Errorf("the topic %q is unknown", event.Topic)
	}
}
