package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// program runs the program with these variables and no others of Dwolla's.
func program(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	for _, name := range []string{"DWOLLA_ENVIRONMENT", "DWOLLA_APP_KEY", "DWOLLA_APP_SECRET", "DWOLLA_BASE_URL", "DWOLLA_FUNDING_SOURCE"} {
		t.Setenv(name, env[name])
	}
	var out, errs strings.Builder
	if !slices.Contains(args, "-record") {
		args = append([]string{"-record", filepath.Join(t.TempDir(), "payout.db")}, args...)
	}
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

const anID = "c964d3d4-496e-4a59-b913-bcbacbb07b7d"

func csvFile(t *testing.T, rows ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recipients.csv")
	text := "destination,amount,correlation_id,metadata.demo\n" + strings.Join(rows, "\n") + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func want(t *testing.T, output string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(output, line) {
			t.Errorf("no %q in:\n%s", line, output)
		}
	}
}

func TestTheExamplePaysAllButThoseThatDwollaRefuses(t *testing.T) {
	code, stdout, stderr := program(t, nil)
	if code != exitUnpaid {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	var lines []int
	for row := range strings.Lines(stdout) {
		var line int
		if _, err := fmt.Sscanf(row, "%d wages-", &line); err == nil {
			lines = append(lines, line)
		}
	}
	if !slices.Equal(lines, []int{19, 64, 98, 122, 161, 205, 240}) {
		t.Errorf("failed lines %v", lines)
	}
	want(t, stdout, "Restricted", "RequiresFundingSource", "Invalid", "paid         243", "failed           7", "total         250  59936.41 USD")
	want(t, stdout, "243 recipients paid, 0 of them more than once")
	want(t, stderr, "250 of 250 recipients")
}

func TestAFileWithoutDifficultiesIsPaid(t *testing.T) {
	file := csvFile(t, anID+",10.00,a,", "b1afefc-8cb0-4193-9524-a9ad401f8082,0.05,b,")
	code, stdout, stderr := program(t, nil, "-csv", file)
	if code != exitPaid {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	want(t, stdout, "paid           2  10.05 USD", "total           2  10.05 USD")
}

func TestBadInputIsReportedAndNothingIsSent(t *testing.T) {
	bad := csvFile(t, anID+",10.00,a,", ",10.00,b,", anID+",ten,a,")
	sandbox := map[string]string{"DWOLLA_ENVIRONMENT": "sandbox", "DWOLLA_APP_KEY": "key", "DWOLLA_APP_SECRET": "secret"}
	tests := []struct {
		name string
		env  map[string]string
		args []string
		want []string
	}{
		{"bad rows", nil, []string{"-csv", bad}, []string{
			"line 3: destination: is missing", "line 4: amount: not a plain decimal number", "line 4: correlation_id: that of line 2 again", "3 problems in the input",
		}},
		{"bad rows, with credentials", sandbox, []string{"-csv", bad}, []string{"3 problems in the input"}},
		{"a file that is not there", nil, []string{"-csv", filepath.Join(t.TempDir(), "none.csv")}, []string{"no such file"}},
		{"an argument that is no flag", nil, []string{"recipients.csv"}, []string{"unexpected argument"}},
		{"an unknown flag", nil, []string{"-cvs", "x"}, []string{"flag provided but not defined"}},
		{"a key alone", map[string]string{"DWOLLA_APP_KEY": "key"}, nil, []string{"DWOLLA_ENVIRONMENT"}},
		{"no secret", map[string]string{"DWOLLA_ENVIRONMENT": "sandbox", "DWOLLA_APP_KEY": "key"}, nil, []string{"DWOLLA_APP_SECRET"}},
		{"an environment that is none", map[string]string{"DWOLLA_ENVIRONMENT": "moon", "DWOLLA_APP_KEY": "key", "DWOLLA_APP_SECRET": "secret"}, nil, []string{"must be sandbox or production"}},
		{"production", map[string]string{"DWOLLA_ENVIRONMENT": "PRODUCTION", "DWOLLA_APP_KEY": "key", "DWOLLA_APP_SECRET": "secret"}, nil, []string{"sandbox only"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := program(t, test.env, test.args...)
			if code != exitNotSent || stdout != "" {
				t.Errorf("exit code %d, stdout %q", code, stdout)
			}
			want(t, stderr, append(test.want, "nothing was sent")...)
		})
	}
}

// atServer are the variables with which the program takes a server of the test for the sandbox.
func atServer(server *dwollatest.Server) map[string]string {
	return map[string]string{
		"DWOLLA_ENVIRONMENT": "sandbox",
		"DWOLLA_APP_KEY":     server.Key(),
		"DWOLLA_APP_SECRET":  server.Secret(),
		"DWOLLA_BASE_URL":    server.Start(),
	}
}

func TestWithCredentialsTheProgramPaysAtDwolla(t *testing.T) {
	server := dwollatest.New(t, dwollatest.WithItemRate(0))
	_, bank := server.AddVerifiedCustomerWithBank("Jane Doe")
	file := csvFile(t, bank.ID+",12.50,a,")
	code, stdout, stderr := program(t, atServer(server), "-csv", file)
	if code != exitPaid {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	want(t, stdout, "paid           1  12.50 USD")
	if paid := server.Ledger(); len(paid) != 1 || paid[0].CorrelationID != "a" {
		t.Errorf("ledger %+v", paid)
	}
}

func TestARefusedSecretSendsNothing(t *testing.T) {
	server := dwollatest.New(t)
	env := atServer(server)
	env["DWOLLA_APP_SECRET"] = "wrong"
	code, _, stderr := program(t, env)
	if code != exitNotSent {
		t.Errorf("exit code %d", code)
	}
	want(t, stderr, "invalid_client", "nothing was sent")
	if strings.Contains(stderr, "wrong") {
		t.Error("the secret is shown")
	}
}

func TestTheSameFileIsPaidOnceAndAnEditedOneIsRefused(t *testing.T) {
	server := dwollatest.New(t, dwollatest.WithItemRate(0))
	_, bank := server.AddVerifiedCustomerWithBank("Jane Doe")
	env, record := atServer(server), filepath.Join(t.TempDir(), "record.db")
	file := csvFile(t, bank.ID+",12.50,a,", bank.ID+",1.00,b,")
	for range 2 {
		code, stdout, stderr := program(t, env, "-csv", file, "-record", record, "-run", "november", "-size", "1")
		if code != exitPaid || len(server.Ledger()) != 2 {
			t.Errorf("exit code %d, %d paid\n%s%s", code, len(server.Ledger()), stdout, stderr)
		}
	}
	edited := csvFile(t, bank.ID+",12.50,a,", bank.ID+",1.01,b,")
	code, _, stderr := program(t, env, "-csv", edited, "-record", record, "-run", "november", "-size", "1")
	if code != exitNotSent || len(server.Ledger()) != 2 {
		t.Errorf("exit code %d, %d paid", code, len(server.Ledger()))
	}
	want(t, stderr, "the input of batch november is not the one on record")
	// A lost record does not pay again either: what is at Dwolla is found.
	code, stdout, stderr := program(t, env, "-csv", file, "-run", "november", "-size", "1")
	if code != exitPaid || len(server.Ledger()) != 2 {
		t.Errorf("exit code %d, %d paid\n%s%s", code, len(server.Ledger()), stdout, stderr)
	}
}

func TestAHeldMassPaymentIsShownWithAllThatAPersonNeeds(t *testing.T) {
	server := dwollatest.New(t, dwollatest.WithItemRate(0))
	_, bank := server.AddVerifiedCustomerWithBank("Jane Doe")
	ref, err := server.Dwolla().MassPayments.Create(t.Context(), dwolla.CreateMassPayment{
		CorrelationID: "november-00001",
		Links:         dwolla.CreateMassPaymentLinks{Source: dwolla.LinkTo[dwolla.FundingSource](server.AccountBalance().Href)},
		Items: []dwolla.CreateMassPaymentItem{{
			Links:  dwolla.CreateMassPaymentItemLinks{Destination: dwolla.LinkTo[dwolla.FundingSource](bank.Href)},
			Amount: dwolla.USDCents(1),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, _ := program(t, atServer(server), "-csv", csvFile(t, bank.ID+",12.50,a,"), "-run", "november")
	if code != exitUnpaid || len(server.Ledger()) != 1 {
		t.Errorf("exit code %d, %d paid", code, len(server.Ledger()))
	}
	want(t, stdout, "ambiguous", "idempotency key", "november-00001", ref.ID(), "unknown           1  12.50 USD")
}

func TestInventedRecipientsFollowTheSample(t *testing.T) {
	code, stdout, _ := program(t, nil, "-recipients", "300")
	if code != exitUnpaid {
		t.Errorf("exit code %d", code)
	}
	want(t, stdout, "paid         293", "total         300")
}
