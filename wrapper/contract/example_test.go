package contract_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// A client whose requests and answers are all checked: put it under the SDK, or under any other client.
func ExampleTransport() {
	v, err := contract.New(contract.WithStrict())
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &http.Client{Transport: contract.Transport(http.DefaultTransport, v)}

	body := strings.NewReader(`{"amount":{"value":40.15,"currency":"USD"}}`)
	_, err = client.Post("https://api-sandbox.dwolla.com/transfers", "application/json", body)
	violations, _ := errors.AsType[contract.Violations](err)
	for _, violation := range violations {
		fmt.Println(violation)
	}
	// Output:
	// contract: createTransfer: request body: lacks "_links"
	// contract: createTransfer: request body /amount/value: is of type number, not string
}

// On live traffic report, and let everything pass.
func ExampleWithReport() {
	v, err := contract.New(contract.WithReport(func(v contract.Violation) {
		if !v.Advisory { // a new value of an enumeration is no news
			fmt.Println("drift:", v.Operation, v.Where, v.Pointer, v.Reason)
		}
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v.CheckEvent([]byte(`{"_links":{},"id":"e1","topic":"customer_teleported","resourceId":7}`)))
	// Output:
	// drift: receiveEvent event /resourceId is of type number, not string
	// <nil>
}

func ExampleValidator_Operation() {
	v, err := contract.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	req, err := http.NewRequest(http.MethodGet, "https://api.dwolla.com/customers/c-41/transfers?limit=5", http.NoBody)
	if err != nil {
		fmt.Println(err)
		return
	}
	op, err := v.Operation(req)
	fmt.Println(op.ID, op.Path, op.PathParams["id"], err)
	// Output: listCustomerTransfers /customers/{id}/transfers c-41 <nil>
}
