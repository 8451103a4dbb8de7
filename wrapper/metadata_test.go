package dwolla_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// namesOfMetadata are how Dwolla's own documents name the metadata of an answer.
var namesOfMetadata = []string{"metadata", "metaData"}

func TestFault334_TheMetadataOfAnAnswerIsReadUnderEachOfItsNames(t *testing.T) {
	want := map[string]string{"payroll": "2026-11"}
	for _, name := range namesOfMetadata {
		body := []byte(`{"id":"1","` + name + `":{"payroll":"2026-11"},"status":"pending"}`)
		var (
			payment  dwolla.MassPayment
			item     dwolla.MassPaymentItem
			transfer dwolla.Transfer
		)
		for _, v := range []any{&payment, &item, &transfer} {
			if err := json.Unmarshal(body, v); err != nil {
				t.Fatalf("%s: %T: %v", name, v, err)
			}
		}
		for kind, got := range map[string]map[string]string{"mass payment": payment.Metadata, "item": item.Metadata, "transfer": transfer.Metadata} {
			if !maps.Equal(got, want) {
				t.Errorf("%s of a %s is read as %v", name, kind, got)
			}
		}
	}
}

func TestMetadataUnderBothNamesIsRead(t *testing.T) {
	for _, body := range []string{
		`{"metaData":{"a":"other"},"metadata":{"a":"b"}}`,
		`{"metadata":{"a":"b"},"metaData":{"a":"other"}}`,
	} {
		var payment dwolla.MassPayment
		if err := json.Unmarshal([]byte(body), &payment); err != nil {
			t.Fatal(err)
		}
		if payment.Metadata["a"] != "b" || string(payment.Extra["metaData"]) != `{"a":"other"}` {
			t.Errorf("%s is read as %v and %s", body, payment.Metadata, payment.Extra)
		}
	}
}

func TestMetadataThatIsNoMapOfTextsIsKeptAsItIs(t *testing.T) {
	var payment dwolla.MassPayment
	if err := json.Unmarshal([]byte(`{"id":"1","metaData":{"a":1}}`), &payment); err != nil {
		t.Fatal(err)
	}
	if payment.ID != "1" || payment.Metadata != nil || string(payment.Extra["metaData"]) != `{"a":1}` {
		t.Errorf("%v, %s", payment.Metadata, payment.Extra)
	}
}

func TestTheStrictContractKnowsEachNameOfTheMetadata(t *testing.T) {
	validator, err := contract.New(contract.WithStrict())
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Content-Type": {"application/vnd.dwolla.v1.hal+json"}}
	for _, name := range namesOfMetadata {
		for path, body := range map[string]string{
			"/mass-payments/1":       `{"id":"1","` + name + `":{"a":"b"}}`,
			"/mass-payment-items/1":  `{"id":"1","` + name + `":{"a":"b"}}`,
			"/transfers/1":           `{"id":"1","` + name + `":{"a":"b"}}`,
			"/mass-payments/1/items": `{"_links":{},"_embedded":{"items":[{"id":"1","` + name + `":{"a":"b"}}]},"total":1}`,
		} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api-sandbox.dwolla.com"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := validator.CheckResponse(request, http.StatusOK, header, []byte(body)); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}
