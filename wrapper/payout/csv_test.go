package payout

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func readAll(t *testing.T, text string, ignore ...string) (rows []Row, problems []RowError, err error) {
	t.Helper()
	for row, e := range ReadCSV(strings.NewReader(text), ignore...) {
		if wrong, ok := errors.AsType[*RowError](e); ok {
			problems = append(problems, *wrong)
			continue
		}
		if e != nil {
			return rows, problems, e
		}
		rows = append(rows, row)
	}
	return rows, problems, nil
}

func TestACSVIsReadRowByRow(t *testing.T) {
	const text = "\ufeffamount,destination,metadata.team,correlation_id,currency\r\n" +
		"12.50,abc,\"a \"\"quoted\"\", team\",id-1,\r\n" +
		"\r\n" +
		"1,\"abc\",\"two\nlines\",,usd\r\n" +
		" 2.00 ,abc,,,\r\n"
	rows, problems, err := readAll(t, text)
	if err != nil || len(problems) > 0 || len(rows) != 3 {
		t.Fatalf("%+v, %v, %v", rows, problems, err)
	}
	if r := rows[0]; r.Line != 2 || r.Amount.Amount != "12.50" || r.Destination != "abc" || r.CorrelationID != "id-1" || r.Metadata["team"] != `a "quoted", team` {
		t.Errorf("%+v", r)
	}
	if r := rows[1]; r.Line != 4 || r.Metadata["team"] != "two\nlines" || r.Amount.Currency != "USD" {
		t.Errorf("%+v", r)
	}
	if r := rows[2]; r.Line != 6 || r.Amount.Amount != "2.00" || r.Metadata != nil {
		t.Errorf("%+v", r)
	}
}

func TestABrokenCSVSaysWhereAndNeverWhat(t *testing.T) {
	tests := []struct {
		name, text, want string
		row              bool // it is one row's problem, and the reading goes on
	}{
		{"no column amount", "destination\nx\n", `no column "amount"`, false},
		{"an unknown column", "destination,amount,metdata.x\n", `unknown column "metdata.x"`, false},
		{"a column twice", "destination,amount,amount\n", `column "amount" twice`, false},
		{"a row with a field too many", "destination,amount\nsecret,1,2\n", "line 2: has 3 fields", true},
		{"a row with a field too few", "destination,amount\nsecret\n", "line 2: has 1 fields", true},
		{"an open quote", "destination,amount\n\"secret,1\n", "line 2", true},
		{"a stray quote", "destination,amount\nse\"cret,1\n", "line 2", true},
		{"a row that is not UTF-8", "destination,amount\nsecret\xff,1\n", "line 2: is not UTF-8", true},
		{"a line without an end", "destination,amount\n" + strings.Repeat("secret", 400_000), "longer than", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, problems, err := readAll(t, test.text)
			if test.row && len(problems) == 1 {
				err = errors.Join(err, &problems[0])
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%.200v", err)
			}
		})
	}
	if rows, _, err := readAll(t, "destination,amount,name\nx,1,Jane\n", "name"); err != nil || len(rows) != 1 {
		t.Errorf("an ignored column: %v", err)
	}
	if rows, _, err := readAll(t, ""); err != nil || len(rows) != 0 {
		t.Errorf("an empty file: %v", err)
	}
}

func TestHeadersAreReadInAnyCaseAndBlankRowsAreSkipped(t *testing.T) {
	const text = "Destination, AMOUNT ,Correlation ID,MetaData.Team,Note\n" +
		"abc,12.50,id-1,Sales,hello\n" +
		",,,,\n" +
		" , ,,, \n" +
		"def,1.00,,,\n"
	rows, problems, err := readAll(t, text, "note")
	if err != nil || len(problems) > 0 || len(rows) != 2 {
		t.Fatalf("%+v, %v, %v", rows, problems, err)
	}
	if r := rows[0]; r.Destination != "abc" || r.CorrelationID != "id-1" || r.Metadata["Team"] != "Sales" {
		t.Errorf("%+v", r)
	}
	if rows[1].Line != 5 {
		t.Errorf("the row after the blank ones is on line %d, not 5", rows[1].Line)
	}
	if rows, _, err := readAll(t, "destination,amount,note,team\nx,1,,\n", "*"); err != nil || len(rows) != 1 {
		t.Errorf("all other columns ignored: %v", err)
	}
	if _, _, err := readAll(t, "destination,amount,Amount\nx,1,2\n", "*"); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("a column twice in another case: %v", err)
	}
}

func TestAFileOfAnotherKindIsNamedAsWhatItIs(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"semicolons", "destination;amount;note\nx;1,00;y\n", `separated by ";"`},
		{"semicolons and a BOM", "\ufeffdestination;amount\nx;1\n", `separated by ";"`},
		{"tabs", "destination\tamount\nx\t1\n", `separated by tabs`},
		{"UTF-16 little endian", "\xff\xfed\x00e\x00s\x00t\x00\n\x00", "UTF-16"},
		{"UTF-16 big endian", "\xfe\xff\x00d\x00e\x00s\x00t\x00\n", "UTF-16"},
		{"UTF-16 without a BOM", "d\x00e\x00s\x00t\x00,\x00a\x00\n\x00", "UTF-16"},
		{"lines that end with a carriage return alone", "destination,amount\rx,1\r", "carriage return"},
		{"a line for a spreadsheet", "sep=,\ndestination,amount\nx,1\n", `"sep="`},
		{"a title above the header", "Payroll November\ndestination,amount\nx,1\n", "line 1 of the CSV does not name the columns"},
		{"no header", "707177c3-bf15-4e7e-b37c-55c3898d9bf4,12.50\n", "line 1 of the CSV does not name the columns: it must be a header such as destination,amount,correlation_id"},
		{"no header, with three columns", "707177c3-bf15-4e7e-b37c-55c3898d9bf4,12.50,Jane\n", "line 1 of the CSV does not name the columns"},
		{"a header in Windows-1252", "destination,amount,Pr\xe9nom\nx,1,y\n", "the header of the CSV is not UTF-8; perhaps it is Windows-1252"},
		{"a workbook", "PK\x03\x04\x14\x00\x06\x00", "workbook"},
		{"a misspelt column", "destination,amuont\nx,1\n", `unknown column "amuont": the columns are destination, amount, currency, correlation_id, clearing, addenda, processing_channel and metadata.NAME`},
		{"Windows-1252", "destination,amount,metadata.name\nx,1,Ren\xe9\n", "line 2: is not UTF-8; perhaps it is Windows-1252"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, problems, err := readAll(t, test.text)
			if len(problems) > 0 {
				err = errors.Join(err, &problems[0])
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestFault398_AHeaderThatIsNoneIsNotRepeated(t *testing.T) {
	_, _, err := readAll(t, "secret-person,12.50\nsecret-too,1.00\n")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
	_, _, err = readAll(t, "destination,amount,Team\nx,1,A\n")
	unknown, ok := errors.AsType[*UnknownColumnError](err)
	if !ok || unknown.Column != "Team" {
		t.Errorf("%v", err)
	}
}

func TestFault397_ALineOfBlanksIsNoRowWhateverItIsMadeOf(t *testing.T) {
	blanks := []string{"", " ", "\t", "  \t ", ",", ",,", ",,,,", " , ", "\t,\t", "\"\"", "\" \"", "\u00a0"}
	rows, problems, err := readAll(t, "destination,amount,metadata.note\nabc,1.00,\n"+strings.Join(blanks, "\n")+"\ndef,2.00,\n"+strings.Join(blanks, "\r\n"))
	if err != nil || len(problems) > 0 || len(rows) != 2 || rows[1].Line != 3+len(blanks) {
		t.Errorf("%+v, %v, %v", rows, problems, err)
	}
	_, problems, err = readAll(t, "destination,amount\n,1.00\nabc,\nabc\n")
	if err != nil || len(problems) != 1 { // the others are rows that have a problem
		t.Errorf("%v, %v", problems, err)
	}
}

func TestAReaderThatFailsIsNotTheEndOfTheFile(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("destination,amount\nabc,1\n"), failingReader{})
	_, err := Prepare(t.Context(), newMemStore(), simBatch, ReadCSV(broken), Plan{Source: simSource})
	if !errors.Is(err, errDisk) {
		t.Errorf("%v", err)
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errDisk }

func FuzzCSV(f *testing.F) {
	f.Add("destination,amount\nabc,1.00\n")
	f.Add("destination,amount,metadata.x\n\"a\nb\",1,\"\"\"\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for row, err := range ReadCSV(strings.NewReader(text)) {
			if err != nil {
				continue
			}
			if row.Line <= last {
				t.Errorf("line %d after %d", row.Line, last)
			}
			last = row.Line
		}
	})
}
