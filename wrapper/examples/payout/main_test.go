package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// program runs the program with these variables and no others of Dwolla's.
func program(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	for _, name := range []string{"DWOLLA_ENVIRONMENT", "DWOLLA_APP_KEY", "DWOLLA_APP_SECRET", "DWOLLA_BASE_URL", "DWOLLA_FUNDING_SOURCE"} {
		t.Setenv(name, env[name])
	}
	var out, errs strings.Builder
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

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
			"line 3: destination: is missing", "line 4: amount: not a plain decimal number", "line 4: correlation_id: that of line 2 again", "problems in the file: 3",
		}},
		{"bad rows, with credentials", sandbox, []string{"-csv", bad}, []string{"problems in the file: 3"}},
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
