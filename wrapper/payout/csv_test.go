package payout

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
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
	if r := rows[0]; r.Line != 2 || r.Amount.Value != "12.50" || r.Destination != "abc" || r.CorrelationID != "id-1" || r.Metadata["team"] != `a "quoted", team` {
		t.Errorf("%+v", r)
	}
	if r := rows[1]; r.Line != 4 || r.Metadata["team"] != "two\nlines" || r.Amount.Currency != "USD" {
		t.Errorf("%+v", r)
	}
	if r := rows[2]; r.Line != 6 || r.Amount.Value != "2.00" || r.Metadata != nil {
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

func TestAReaderThatFailsIsNotTheEndOfTheFile(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("destination,amount\nabc,1\n"), failingReader{})
	_, err := Prepare(t.Context(), newMemStore(), simBatch, ReadCSV(broken), Plan{Source: simSource})
	if !errors.Is(err, errDisk) {
		t.Errorf("%v", err)
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errDisk }

func TestDuplicatesAreFoundAcrossSpills(t *testing.T) {
	var d duplicates
	defer d.close()
	const rows = 1000
	for i := range rows {
		row := Row{Line: i + 1, CorrelationID: fmt.Sprint(i)}
		if i == rows-1 {
			row.CorrelationID = "7"
		}
		if err := d.add(&row, 1); err != nil {
			t.Fatal(err)
		}
		if i == 300 || i == 600 {
			if err := d.flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var found []RowError
	if err := d.report(func(e RowError) { found = append(found, e) }); err != nil {
		t.Fatal(err)
	}
	if len(d.runs) != 2 || len(found) != 1 || found[0].Line != rows || !strings.Contains(found[0].Reason, "line 8 ") {
		t.Errorf("%d spills, %v", len(d.runs), found)
	}
}

func TestAFullBufferIsSpilled(t *testing.T) {
	d := duplicates{buffer: make([]fingerprint, fingerprintsMax)}
	defer d.close()
	if err := d.add(&Row{Line: 1, CorrelationID: "a"}, 1); err != nil {
		t.Fatal(err)
	}
	if len(d.runs) != 1 || d.runs[0] != fingerprintsMax || len(d.buffer) != 1 {
		t.Errorf("spilled %v, %d left", d.runs, len(d.buffer))
	}
}

func TestAReportIsTheSameInEveryForm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBank(), newMemStore()
		b.reject[4] = true
		rows := simRows(7)
		rows[0].Metadata = map[string]string{"team": "a"}
		mustPrepare(t, s, rows, Plan{ChunkRows: 3})
		if _, err := mustRunner(t, s, direct{b}, Options{}).Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		var asCSV, asJSON bytes.Buffer
		if err := errors.Join(OpenReport(s, simBatch).WriteCSV(t.Context(), &asCSV), OpenReport(s, simBatch).WriteJSON(t.Context(), &asJSON)); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&asCSV).ReadAll()
		if err != nil || len(records) != 8 {
			t.Fatalf("%v, %v", records, err)
		}
		var report struct {
			Total  Tally
			Totals Totals
			Rows   []reportRow
		}
		if err := json.Unmarshal(asJSON.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		if report.Totals.All() != report.Total || report.Total.Rows != 7 || report.Totals.Failed.Rows != 1 || report.Rows[0].Metadata["team"] != "a" {
			t.Errorf("%+v", report)
		}
		for i, row := range report.Rows {
			if got := records[i+1]; got[0] != fmt.Sprint(row.Line) || got[1] != string(row.Status) || got[3] != row.Amount || got[5] != row.Transfer || got[6] != row.Code {
				t.Errorf("%v is not %+v", got, row)
			}
		}
		if failed := report.Rows[2]; failed.Status != Failed || failed.Code != "InsufficientFunds" || failed.Path == "" || failed.Transfer != "" {
			t.Errorf("%+v", failed)
		}
	})
}

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

// FuzzRecord: a record that is not as it was written stops the run before anything is sent. The damage is told by its
// place, since each process that fuzzes prepares a batch of its own.
func FuzzRecord(f *testing.F) {
	s := newMemStore()
	if _, err := Prepare(f.Context(), s, simBatch, inputOf(simRows(3)), Plan{Source: simSource}); err != nil {
		f.Fatal(err)
	}
	record := s.batches[simBatch]
	keys := slices.Sorted(maps.Keys(record))
	for i := range keys {
		f.Add(uint8(i), uint16(0), uint16(0), []byte(""))
		f.Add(uint8(i), uint16(3*i), uint16(1), []byte("0"))
		f.Add(uint8(i), uint16(0), uint16(1<<15), []byte("{}"))
	}
	f.Fuzz(func(t *testing.T, which uint8, at, drop uint16, insert []byte) {
		key := keys[int(which)%len(keys)]
		original := record[key]
		from := min(int(at), len(original))
		to := min(from+int(drop), len(original))
		value := slices.Concat(original[:from], insert, original[to:])

		damaged, b := newMemStore(), newBank()
		damaged.batches[simBatch] = maps.Clone(record)
		damaged.batches[simBatch][key] = value
		synctest.Test(t, func(t *testing.T) {
			r := mustRunner(t, damaged, direct{b}, Options{})
			_, err := r.Run(t.Context(), simBatch)
			if !bytes.Equal(original, value) && (err == nil || b.creates > 0) {
				t.Errorf("%s became %q, %d sent, error %v", key, value, b.creates, err)
			}
		})
	})
}
