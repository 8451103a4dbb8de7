package payout

import (
	"fmt"
	"os"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestManyRowsAreComparedThroughATemporaryFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	const rows = 140_000 // more than a block in each part
	input := func(changed int) Input {
		return func(yield func(Row, error) bool) {
			for i := range rows {
				row := Row{Line: i + 2, Destination: someID(i), Amount: dwolla.USDCents(int64(1 + i%1000)), CorrelationID: fmt.Sprint("w-", i)}
				if i == changed {
					row.Amount = dwolla.USDCents(9999)
				}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
	store := openTemp(t)
	if _, err := Prepare(t.Context(), store, "big", input(-1), Plan{Source: simSource}); err != nil {
		t.Fatal(err)
	}
	i, err := Inspect(t.Context(), input(123_456), Plan{Source: simSource})
	if err != nil {
		t.Fatal(err)
	}
	d, err := i.Compare(t.Context(), store, "big")
	if err != nil || d.Same.Rows != rows-1 || d.ChangedRows != 1 || d.Changed[0].Line != 123_458 || d.Changed[0].Cents != 9999 {
		t.Errorf("%+v, %v", d.Changed, err)
	}
	if files, _ := os.ReadDir(dir); len(files) == 0 {
		t.Error("no temporary file was needed")
	}
	i.Close()
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%v is left", files)
	}
}
