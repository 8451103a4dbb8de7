package dwolla_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
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

func TestFault378_MetadataThatIsNoMapOfTextsIsReadAndKept(t *testing.T) {
	for text, want := range map[string]map[string]string{
		`{"a":42,"b":"c"}`: {"a": "42", "b": "c"}, `{"a":true}`: {"a": "true"}, `{"a":null}`: {"a": ""}, `{"a": {"b" :1.50}}`: {"a": `{"b" :1.50}`},
		`{"a":"\ud83d"}`: {"a": "\ufffd"}, `{"\ud83d":"a"}`: {"\ufffd": "a"}, `[]`: nil, `[1]`: nil, `""`: nil, `"{\"a\":1}"`: nil, `7`: nil,
	} {
		for _, name := range namesOfMetadata {
			var payment dwolla.MassPayment
			if err := json.Unmarshal([]byte(`{"id":"1","`+name+`": `+text+`,"status":"pending"}`), &payment); err != nil {
				t.Errorf("%s %s: %v", name, text, err)
				continue
			}
			if payment.ID != "1" || payment.Status != "pending" || !maps.Equal(payment.Metadata, want) {
				t.Errorf("%s %s is read as %v", name, text, payment.Metadata)
			}
			if out, err := wire.Marshal(&payment); err != nil || string(out) != `{"id":"1","metadata":`+text+`,"status":"pending"}` {
				t.Errorf("%s %s is written as %s, %v", name, text, out, err)
			}
			payment.Metadata = map[string]string{"a": "new"}
			if out, err := wire.Marshal(&payment); err == nil {
				t.Errorf("%s %s: beside other metadata it is written as %s", name, text, out)
			}
		}
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
