package main

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

const anID = "c964d3d4-496e-4a59-b913-bcbacbb07b7d"

func TestRowsBecomeRecipients(t *testing.T) {
	const file = "\uFEFFamount,metadata.note,destination,correlation_id\n" +
		"12.50,\"tools, first half\"," + anID + ",wages-1\n" +
		"\n" +
		"7,,https://api-sandbox.dwolla.com/funding-sources/" + anID + ",\n"

	got, err := readRecipients(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	want := []recipient{
		{line: 2, destination: anID, amount: dwolla.Money{Value: "12.50", Currency: "USD"}, correlationID: "wages-1", metadata: map[string]string{"note": "tools, first half"}},
		{line: 4, destination: "https://api-sandbox.dwolla.com/funding-sources/" + anID, amount: dwolla.Money{Value: "7", Currency: "USD"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestTheExampleFileHas250Recipients(t *testing.T) {
	recipients, err := readRecipients(bytes.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	if len(recipients) != 250 {
		t.Errorf("%d recipients", len(recipients))
	}
}

func TestEveryProblemIsFound(t *testing.T) {
	const header = "destination,amount,correlation_id,metadata.note\n"
	long := strings.Repeat("ü", 255)
	tests := []struct {
		name string
		file string
		want inputError
	}{
		{"an empty file", "", inputError{{1, "the file is empty"}}},
		{"a header alone", header, inputError{{1, "no recipients after the header"}}},
		{"a column without a meaning", "destination,amount,metdata.note\n", inputError{{1, `column "metdata.note" is not destination, amount, correlation_id or metadata.<key>`}}},
		{"a metadata column without a key", "destination,amount,metadata.\n", inputError{{1, `column "metadata." is not destination, amount, correlation_id or metadata.<key>`}}},
		{"a column that is there twice", "destination,amount,amount\n", inputError{{1, `column "amount" is there twice`}}},
		{"columns that are missing", "correlation_id\n", inputError{{1, `column "destination" is missing`}, {1, `column "amount" is missing`}}},
		{"no destination", header + ",1.00,,\n", inputError{{2, "destination: is missing"}}},
		{"an id that is none", header + "..,1.00,,\n", inputError{{2, "destination: has a character that no id has"}}},
		{"a path for a destination", header + "/funding-sources/" + anID + ",1.00,,\n", inputError{{2, "destination: is neither an id nor the URL of a funding source"}}},
		{"a Customer for a destination", header + "https://api.dwolla.com/customers/" + anID + ",1.00,,\n", inputError{{2, "destination: is a URL, but not that of a funding source"}}},
		{"an amount that is none", header + anID + ",ten,,\n", inputError{{2, "amount: not a plain decimal number"}}},
		{"no amount", header + anID + ",,,\n", inputError{{2, "amount: empty"}}},
		{"an amount in words of a spreadsheet", header + anID + ",\"1,250.00\",,\n", inputError{{2, "amount: not a plain decimal number"}}},
		{"an amount with an exponent", header + anID + ",1e3,,\n", inputError{{2, "amount: not a plain decimal number"}}},
		{"an amount of nothing", header + anID + ",0.00,,\n", inputError{{2, "amount: not greater than zero"}}},
		{"an amount below nothing", header + anID + ",-1,,\n", inputError{{2, "amount: not greater than zero"}}},
		{"a fraction of a cent", header + anID + ",0.001,,\n", inputError{{2, "amount: more than two decimals"}}},
		{"a correlation id with a space", header + anID + ",1.00,a b,\n", inputError{{2, "correlation_id: has a character other than A-Z a-z 0-9 - . _"}}},
		{"a correlation id twice", header + anID + ",1.00,a,\n" + anID + ",2.00,a,\n", inputError{{3, "correlation_id: that of line 2 again"}}},
		{"metadata that is too long", header + anID + ",1.00,," + long + "\n", inputError{{2, "metadata: has a key or value of 255 characters or more"}}},
		{"metadata in another encoding", header + anID + ",1.00,,\xe9t\xe9\n", inputError{{2, "metadata.note: is not UTF-8"}}},
		{"a field too few", header + anID + ",1.00\n", inputError{{2, "2 fields, the header has 4"}}},
		{"a quote that is never closed", header + ",1.00,,\n" + anID + ",1.00,,\"note\n", inputError{{2, "destination: is missing"}, {3, "extraneous or missing \" in quoted-field; nothing after it was read"}}},
		{"problems in several rows and columns", header + ",x,,\n" + anID + ",1.00,,\n" + anID + ",x,,\n", inputError{
			{2, "destination: is missing"}, {2, "amount: not a plain decimal number"}, {4, "amount: not a plain decimal number"},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := readRecipients(strings.NewReader(test.file))
			got, ok := errors.AsType[inputError](err)
			if !ok || !slices.Equal(got, test.want) {
				t.Errorf("got %v\nwant %v", err, test.want)
			}
		})
	}
}

func TestMoreThanTenPairsOfMetadataAreAProblem(t *testing.T) {
	names, fields := []string{"destination", "amount"}, []string{anID, "1.00"}
	for i := range 11 {
		names = append(names, fmt.Sprintf("metadata.%d", i))
		fields = append(fields, "x")
	}
	_, err := readRecipients(strings.NewReader(strings.Join(names, ",") + "\n" + strings.Join(fields, ",") + "\n"))
	if got, _ := errors.AsType[inputError](err); !slices.Equal(got, inputError{{2, "metadata: has 11 pairs; at most 10 are allowed"}}) {
		t.Errorf("got %v", err)
	}
}
