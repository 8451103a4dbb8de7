package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
)

func ExampleUSD() {
	amount, err := api.USD("1250.00")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(amount)
	// Output: 1250.00 USD
}

func ExampleSum() {
	total, err := api.Sum(api.USDCents(1999), api.USDCents(1), api.USDCents(50))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(total)
	// Output: 20.50 USD
}

func ExampleMoney_Cmp() {
	balance, fee := api.USDCents(500), api.USDCents(75)
	order, err := balance.Cmp(fee)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(order > 0)
	// Output: true
}

func ExampleMoney_ValidatePayment() {
	amount := api.Money{Amount: "10.005", Currency: "USD"}
	err := amount.ValidatePayment()
	if invalid, ok := errors.AsType[*api.AmountError](err); ok {
		fmt.Println(invalid.Reason)
	}
	// Output: more than two decimals
}

func ExampleLink() {
	type Customer struct{}
	var links struct {
		Customer api.Link[Customer] `json:"customer"`
	}
	text := `{"customer": {"href": "https://api.dwolla.com/customers/4f1c", "resource-type": "customer"}}`
	if err := json.Unmarshal([]byte(text), &links); err != nil {
		log.Fatal(err)
	}
	fmt.Println(links.Customer.Collection(), links.Customer.ID())
	// Output: customers 4f1c
}

func ExampleRetype() {
	type FundingSource struct{}
	destination := api.LinkTo[api.Object]("https://api.dwolla.com/funding-sources/9a2b")
	if destination.Collection() == "funding-sources" {
		source := api.Retype[FundingSource](destination)
		fmt.Println(source.ID())
	}
	// Output: 9a2b
}

func ExampleTime_Time() {
	for _, text := range []api.Time{"2026-03-01T09:30:00.250Z", "2026-03-01 09:30:00 UTC"} {
		moment, err := text.Time()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(moment.Format(time.RFC3339Nano))
	}
	// Output:
	// 2026-03-01T09:30:00.25Z
	// 2026-03-01T09:30:00Z
}

func ExampleTimeOf() {
	newYork := time.FixedZone("EST", -5*60*60)
	fmt.Println(api.TimeOf(time.Date(2026, time.March, 1, 4, 30, 0, 0, newYork)))
	// Output: 2026-03-01T09:30:00.000Z
}

func ExampleExtra_Decode() {
	object := api.Object{}
	if err := json.Unmarshal([]byte(`{"id": "7c3e", "riskScore": 12}`), &object); err != nil {
		log.Fatal(err)
	}
	var score int
	if err := object.Extra.Decode("riskScore", &score); err != nil {
		log.Fatal(err)
	}
	fmt.Println(score)
	// Output: 12
}

func ExampleCode() {
	err := fmt.Errorf("attach bank: %w", api.Code("duplicate_resource"))
	fmt.Println(errors.Is(err, api.Code("DuplicateResource")))
	// Output: true
}
