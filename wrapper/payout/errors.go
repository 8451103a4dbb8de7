package payout

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of a store.
var (
	// ErrNotFound says that the store has no such batch.
	ErrNotFound = errors.New("payout: no such batch on record")
	// ErrNotReady says that the batch was not prepared to the end; Prepare starts over.
	ErrNotReady = errors.New("payout: the batch was not prepared to the end")
	// ErrLocked says that another process has the record open.
	ErrLocked = errors.New("payout: another process has the record open")
	// ErrLeaseLost says that another worker has taken the chunk over, or may have.
	ErrLeaseLost = errors.New("payout: the lease has ended, and another worker may have taken the chunk over")
	// ErrStoreUnavailable says that the store could not be reached, or gave up, at the moment: the same call may succeed
	// a little later. Stores wrap it with the cause; an error of theirs without it will not go away by itself.
	ErrStoreUnavailable = errors.New("payout: the store is not available at the moment")
)

// A CorruptError reports a damaged record. Nothing is sent from it.
type CorruptError struct {
	Key string // what is damaged; empty when it is the file as a whole
	Err error
}

func (e *CorruptError) Error() string {
	if e == nil {
		return "payout: a nil *CorruptError"
	}
	if e.Key == "" {
		return fmt.Sprintf("payout: the record is damaged: %v", e.Err)
	}
	return fmt.Sprintf("payout: the record is damaged at %s: %v", e.Key, e.Err)
}

// Unwrap gives the cause.
func (e *CorruptError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// ErrNoRows says that the input is empty.
var ErrNoRows = errors.New("payout: the input has no rows")

// ErrPreparedElsewhere says that another process prepares the same batch, or has just done so.
var ErrPreparedElsewhere = errors.New("payout: the batch is being prepared elsewhere")

// An EditedError reports that the input or the plan is not what the batch was prepared from. Use another id to pay it.
type EditedError struct {
	Batch string
	What  string // "input" or "plan"
}

func (e *EditedError) Error() string {
	if e == nil {
		return "payout: a nil *EditedError"
	}
	return fmt.Sprintf("payout: the %s of batch %s is not the one on record", e.What, e.Batch)
}

// A RowError reports a problem of a row of the input. Its text does not repeat the row's, which is personal: Value is for
// whoever may see the input.
type RowError struct {
	Line   int
	Column string // what the problem is about, as a CSV names it; empty for the row
	Reason string // what is wrong, and what would be right
	Value  string // what the input has; empty for metadata and addenda
	Hint   string // what was probably meant, such as 1250.00 by 1,250.00; empty when it is not certain
}

func (e *RowError) Error() string {
	if e == nil {
		return "payout: a nil *RowError"
	}
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
	}
	return fmt.Sprintf("line %d: %s: %s", e.Line, e.Column, e.Reason)
}

// An InputError reports an input that cannot be paid. Nothing was sent.
type InputError struct {
	// Rows are the first problems; [Plan.OnProblem] gets all of them.
	Rows []RowError
	// Count is the number of problems.
	Count int
	// Repeated is how many of them are payments of another batch on record; see [Plan.AllowRepeated].
	Repeated int
}

func (e *InputError) Error() string {
	if e == nil {
		return "payout: a nil *InputError"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "payout: %d problems in the input", e.Count)
	for _, row := range e.Rows {
		b.WriteString("\n" + row.Error())
	}
	if more := e.Count - len(e.Rows); more > 0 {
		fmt.Fprintf(&b, "\nand %d more", more)
	}
	return b.String()
}

func (e *InputError) add(row RowError) {
	e.Count++
	if len(e.Rows) < maxProblems {
		e.Rows = append(e.Rows, row)
	}
}

// maxProblems is how many rows an error keeps.
const maxProblems = 1000

// A HeldError reports that chunks wait for a person. All that can be done without one is done.
type HeldError struct {
	Batch  string
	Chunks []Chunk // with all that is known of them
}

func (e *HeldError) Error() string {
	if e == nil {
		return "payout: a nil *HeldError"
	}
	return fmt.Sprintf("payout: %d chunks of batch %s wait for a person's decision", len(e.Chunks), e.Batch)
}

// An UnsettledRowsError reports rows of which Dwolla has not said for too long what became of them. Nothing of them is sent
// again. [Runner.Recheck] asks once more.
type UnsettledRowsError struct {
	Batch string
	// Rows are the first of them, with all that is known; [Report.Rows] has all.
	Rows []RowResult
	// Count is the number of them.
	Count int
}

func (e *UnsettledRowsError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "payout: %d rows of batch %s have no final result: lines ", e.Count, e.Batch)
	named := min(len(e.Rows), maxNamed)
	for i := range named {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, e.Rows[i].Line)
	}
	if more := e.Count - named; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}

// maxNamed is how many lines the text of an error names.
const maxNamed = 20

func (e *UnsettledRowsError) add(row RowResult) {
	e.Count++
	if len(e.Rows) < maxProblems {
		e.Rows = append(e.Rows, row)
	}
}

// ErrTooManyFailed says that as many rows failed as [Options.MaxFailedRows].
var ErrTooManyFailed = errors.New("payout: too many rows failed: see Options.MaxFailedRows")

// A StoppedError reports that a run ended early: the credentials are not accepted, Dwolla refused a mass payment for what
// is not about one of its items (the source, a permission, the funds), too many rows failed, the funds do not suffice, or
// nothing succeeded for as long as [Options.IdleTimeout]. The record is intact; Run resumes from it.
type StoppedError struct {
	Batch string
	Err   error
}

func (e *StoppedError) Error() string {
	if e == nil {
		return "payout: a nil *StoppedError"
	}
	return fmt.Sprintf("payout: batch %s stopped and can be resumed: %v", e.Batch, e.Err)
}

// Unwrap gives the cause.
func (e *StoppedError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// ErrDecided says that the batch was cancelled before.
var ErrDecided = errors.New("payout: the batch was cancelled")

// ErrInvalidDecision says that a decision is incomplete or does not fit what it is about. To decide the same again does
// not help.
var ErrInvalidDecision = errors.New("payout: invalid decision")

// An invalidDecision is an ErrInvalidDecision with a text of its own.
type invalidDecision string

func invalid(format string, args ...any) error { return invalidDecision(fmt.Sprintf(format, args...)) }

func (e invalidDecision) Error() string      { return string(e) }
func (invalidDecision) Is(target error) bool { return target == ErrInvalidDecision }

// ErrUnsettled says that a batch has not ended, so that its failed rows are not all known.
var ErrUnsettled = errors.New("payout: the batch is not settled")

// ErrNothingFailed says that the batch has no row to pay again.
var ErrNothingFailed = errors.New("payout: no row of the batch failed")

// A RetriedError reports that the rows of a batch that can be paid again are all in another batch.
type RetriedError struct{ Batch, By string }

func (e *RetriedError) Error() string {
	if e == nil {
		return "payout: a nil *RetriedError"
	}
	return fmt.Sprintf("payout: the rows of batch %s are retried by batch %s", e.Batch, e.By)
}
