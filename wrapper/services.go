package dwolla

import "github.com/dwolla-go/dwolla-go/gen"

// TransfersService is the group of operations at Client.Transfers: single payments.
//
//	// List and search transfers of the account.
//	ListForAccount(ctx context.Context, id string, params ListAccountTransfersParams, opts ...CallOption) (*TransferPage, error)
//	// Every entry of ListForAccount, page by page.
//	AllForAccount(ctx context.Context, id string, params ListAccountTransfersParams, opts ...CallOption) iter.Seq2[Transfer, error]
//	// List and search transfers of a Customer.
//	ListForCustomer(ctx context.Context, id string, params ListCustomerTransfersParams, opts ...CallOption) (*TransferPage, error)
//	// Every entry of ListForCustomer, page by page.
//	AllForCustomer(ctx context.Context, id string, params ListCustomerTransfersParams, opts ...CallOption) iter.Seq2[Transfer, error]
//	// Create a transfer.
//	Create(ctx context.Context, body CreateTransfer, opts ...CallOption) (*Ref[Transfer], error)
//	// Cancel a pending transfer.
//	Cancel(ctx context.Context, id string, opts ...CallOption) (*Transfer, error)
//	// Retrieve a transfer.
//	Get(ctx context.Context, id string, opts ...CallOption) (*Transfer, error)
//	// Retrieve why a transfer failed.
//	GetFailure(ctx context.Context, id string, opts ...CallOption) (*TransferFailure, error)
//	// List the fees of a transfer.
//	ListFees(ctx context.Context, id string, opts ...CallOption) (*TransferFeePage, error)
//
// Two more methods are written by hand: WaitFor and Reconcile. The whole text of the others is at [gen.TransfersService].
type TransfersService struct {
	*gen.TransfersService

	sources *gen.FundingSourcesService // asked whose a funding source is
	caller  *caller                    // nil if no client made the service
}

// MassPaymentsService is the group of operations at Client.MassPayments: up to 5,000 payments in one request.
//
//	// List the mass payments of the account.
//	ListForAccount(ctx context.Context, id string, params ListAccountMassPaymentsParams, opts ...CallOption) (*MassPaymentPage, error)
//	// Every entry of ListForAccount, page by page.
//	AllForAccount(ctx context.Context, id string, params ListAccountMassPaymentsParams, opts ...CallOption) iter.Seq2[MassPayment, error]
//	// List the mass payments of a Customer.
//	ListForCustomer(ctx context.Context, id string, params ListCustomerMassPaymentsParams, opts ...CallOption) (*MassPaymentPage, error)
//	// Every entry of ListForCustomer, page by page.
//	AllForCustomer(ctx context.Context, id string, params ListCustomerMassPaymentsParams, opts ...CallOption) iter.Seq2[MassPayment, error]
//	// Retrieve an item of a mass payment.
//	GetItem(ctx context.Context, id string, opts ...CallOption) (*MassPaymentItem, error)
//	// Create a mass payment.
//	Create(ctx context.Context, body CreateMassPayment, opts ...CallOption) (*Ref[MassPayment], error)
//	// Release or cancel a deferred mass payment.
//	Update(ctx context.Context, id string, body UpdateMassPayment, opts ...CallOption) (*MassPayment, error)
//	// Retrieve a mass payment.
//	Get(ctx context.Context, id string, opts ...CallOption) (*MassPayment, error)
//	// List the items of a mass payment.
//	ListItems(ctx context.Context, id string, params ListMassPaymentItemsParams, opts ...CallOption) (*MassPaymentItemPage, error)
//	// Every entry of ListItems, page by page.
//	AllItems(ctx context.Context, id string, params ListMassPaymentItemsParams, opts ...CallOption) iter.Seq2[MassPaymentItem, error]
//
// Two more methods are written by hand: WaitFor and Reconcile. The whole text of the others is at [gen.MassPaymentsService].
type MassPaymentsService struct {
	*gen.MassPaymentsService

	sources *gen.FundingSourcesService // asked whose a funding source is
	caller  *caller                    // nil if no client made the service
}
