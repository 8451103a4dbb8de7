package dwolla

import "github.com/dwolla-go/dwolla-go/gen"

// TransfersService holds the operations at Client.Transfers: single payments. Besides the generated methods it has
// WaitFor and Reconcile.
type TransfersService struct {
	*gen.TransfersService

	sources *gen.FundingSourcesService // asked whose a funding source is
}

// MassPaymentsService holds the operations at Client.MassPayments: up to 5,000 payments in one request. Besides the
// generated methods it has WaitFor and Reconcile.
type MassPaymentsService struct {
	*gen.MassPaymentsService

	sources *gen.FundingSourcesService // asked whose a funding source is
}
