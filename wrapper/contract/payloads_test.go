package contract_test

import (
	"encoding/csv"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// outdated are the payloads that are wrong themselves, with the reason.
var outdated = map[string]string{
	"createCustomerExchange__request__6.json":       "a form of 2024 for MX, with the ids of member and account; now a token of the available connection",
	"createCustomerFundingSource__request__8.json":  "a card by cardToken, which gave way to an exchange",
	"createCustomerFundingSource__request__10.json": "a form of 2022 and before, with type in place of bankAccountType",
	"createCustomerFundingSource__request__12.json": "a form of 2022 and before, with type in place of bankAccountType",
	"createCustomerFundingSource__request__13.json": "a form of 2022 and before, with type in place of bankAccountType",
	"initiateMassPayment__request__3.json":          "an item with clearing.source, which belongs to the whole payment",
	"listCustomerTransfers__200__1.json":            "a time that is no RFC 3339 date-time, as everywhere else",
	"listCustomerTransfers__200__2.json":            "a time that is no RFC 3339 date-time, as everywhere else",
	"update__request__5.json":                       "a member name that ends in a space",
}

// Every payload that Dwolla's documents show keeps the contract in strict form. The folder is not part of this
// module: DWOLLA_FIXTURES names it, and its INDEX.tsv tells method, path and status of each file.
func TestDocumentedPayloadsKeepTheContract(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("DWOLLA_FIXTURES")
	if dir == "" {
		t.Skip("DWOLLA_FIXTURES is not set")
	}
	index, err := os.Open(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = index.Close() }()
	r := csv.NewReader(index)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	v := newValidator(t, contract.WithStrict())
	kept := 0
	for _, row := range rows[1:] {
		file, method, path, status := row[0], row[1], row[2], row[3]
		body, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		err = checkPayload(t, v, method, path, status, body)
		_, wrong := outdated[file]
		switch {
		case err == nil && wrong:
			t.Errorf("%s keeps the contract, though it is listed as %s", file, outdated[file])
		case err == nil:
			kept++
		case !wrong:
			t.Errorf("%s: %v", file, err)
		}
	}
	t.Logf("%d payloads, %d keep the contract, %d are wrong themselves", len(rows)-1, kept, len(outdated))
}

func checkPayload(t *testing.T, v *contract.Validator, method, path, status string, body []byte) error {
	t.Helper()
	if status == "-" {
		return v.CheckEvent(body)
	}
	if path == "*" { // an error of any operation
		method, path = http.MethodGet, "/customers"
	}
	line := method + " " + strings.NewReplacer("{", "", "}", "").Replace(path)
	if status == "request" {
		return v.CheckRequest(request(t, line, "application/json", string(body)))
	}
	code, err := strconv.Atoi(status)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Content-Type": {halJSON}}
	if path == "/token" {
		header.Set("Content-Type", "application/json")
	}
	return v.CheckResponse(request(t, line, "", ""), code, header, body)
}
