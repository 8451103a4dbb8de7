package payout

import (
	"errors"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestAnInputErrorCountsTheProblemsThatItDoesNotShow(t *testing.T) {
	rows := simRows(maxProblems + 2)
	for i := range rows {
		rows[i].Amount.Amount = "0"
	}
	_, err := Check(t.Context(), inputOf(rows), Plan{})
	if _, ok := errors.AsType[*InputError](err); !ok {
		t.Fatal(err)
	}
	lines := strings.Split(err.Error(), "\n")
	if lines[0] != "payout: 1002 problems in the input" || lines[len(lines)-1] != "and 2 more" || len(lines) != maxProblems+2 {
		t.Errorf("%q to %q in %d lines", lines[0], lines[len(lines)-1], len(lines))
	}
}

func TestErrorsNameTheBatchAndNothingOfItsRows(t *testing.T) {
	cause := simError(dwolla.OutcomeAuthFailed, 401, "InvalidAccessToken")
	stopped := &StoppedError{Batch: "b-1", Err: cause}
	if !errors.Is(stopped, cause) {
		t.Error("the cause is lost")
	}
	corrupt := &CorruptError{Key: "rows/00000001", Err: errDisk}
	if !errors.Is(corrupt, errDisk) {
		t.Error("the cause of the damage is lost")
	}
	for want, err := range map[string]error{
		"payout: the plan of batch b-1 is not the one on record":                        &EditedError{Batch: "b-1", What: "plan"},
		"payout: the rows of batch b-1 are retried by batch b-2":                        &RetriedError{Batch: "b-1", By: "b-2"},
		"payout: batch b-1 stopped and can be resumed: " + cause.Error():                stopped,
		"payout: the record is damaged at rows/00000001: " + errDisk.Error():            corrupt,
		"payout: the record is damaged: " + errDisk.Error():                             &CorruptError{Err: errDisk},
		"payout: 1 chunks of batch b-1 wait for a person's decision":                    &HeldError{Batch: "b-1", Chunks: make([]Chunk, 1)},
		"payout: 1 problems in the input\nline 2: destination: " + errNoID.Error():      inputError(t),
		"payout: the totals do not add up: 2 rows, 5 cents, instead of 2 rows, 6 cents": Totals{Paid: Tally{2, 5}}.check(Tally{2, 6}),
		"payout: k cannot be written down: json: unsupported type: chan int":            record{}.put("k", make(chan int)),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func inputError(t *testing.T) error {
	row := simRows(1)[0]
	row.Destination = "Jane Doe"
	_, err := Check(t.Context(), inputOf([]Row{row}), Plan{})
	return err
}
