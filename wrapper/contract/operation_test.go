package contract_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

func TestOperation(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, line, id, path string
		params               map[string]string
	}{
		{"the root", "GET /", "getRoot", "/", nil},
		{"a collection", "GET /customers?limit=5", "listCustomers", "/customers", nil},
		{"the same path by another method", "POST /customers", "createCustomer", "/customers", nil},
		{"a resource", "GET /customers/c1", "getCustomer", "/customers/{id}", map[string]string{"id": "c1"}},
		{"a collection below a resource", "GET /customers/c1/transfers", "listCustomerTransfers", "/customers/{id}/transfers", map[string]string{"id": "c1"}},
		{"an id with an escaped slash", "GET /customers/c%2F1", "getCustomer", "/customers/{id}", map[string]string{"id": "c/1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := newValidator(t).Operation(request(t, tt.line, "", ""))
			if err != nil {
				t.Fatal(err)
			}
			if got.ID != tt.id || got.Path != tt.path || !maps.Equal(got.PathParams, tt.params) {
				t.Errorf("got %s %s %v", got.ID, got.Path, got.PathParams)
			}
			if got.Spec.OperationID != tt.id || !strings.HasPrefix(tt.line, got.Method+" ") {
				t.Errorf("got %s of %s", got.Method, got.Spec.OperationID)
			}
		})
	}
}

func TestOperationOfAnUnknownRequest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, line, text string
		allowed          []string
	}{
		{"a path that does not exist", "GET /payouts?key=secret", "contract: no operation has the path of GET /payouts", nil},
		{"a path that goes on", "GET /customers/c1/pets", "contract: no operation has the path of GET /customers/c1/pets", nil},
		{"an empty id", "GET /customers/", "contract: no operation has the path of GET /customers/", nil},
		{"a slash at the end", "GET /customers/c1/", "contract: no operation has the path of GET /customers/c1/", nil},
		{"a method that does not exist", "PATCH /customers", "contract: PATCH is not a method of /customers, which has GET, POST", []string{"GET", "POST"}},
		{"a method in lower case", "get /customers", "contract: get is not a method of /customers, which has GET, POST", []string{"GET", "POST"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := newValidator(t)
			req := request(t, tt.line, "", "")
			_, err := v.Operation(req)
			unknown, ok := errors.AsType[*contract.UnknownOperationError](err)
			if !ok || unknown.Error() != tt.text || !slices.Equal(unknown.Allowed, tt.allowed) {
				t.Errorf("got %v", err)
			}
			if _, ok := errors.AsType[*contract.UnknownOperationError](v.CheckRequest(req)); !ok {
				t.Error("CheckRequest gives another error")
			}
			if _, ok := errors.AsType[*contract.UnknownOperationError](v.CheckResponse(req, 200, nil, nil)); !ok {
				t.Error("CheckResponse gives another error")
			}
		})
	}
}

func TestEveryOperationIsFoundByItsOwnPath(t *testing.T) {
	t.Parallel()
	doc := openDocument(t)
	v := newValidator(t)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			got, err := v.Operation(request(t, method+" "+strings.NewReplacer("{", "", "}", "").Replace(path), "", ""))
			if err != nil || got.ID != op.OperationID || got.Path != path {
				t.Errorf("%s %s is found as %s %s, %v", method, path, got.ID, got.Path, err)
			}
		}
	}
}
