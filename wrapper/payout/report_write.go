package payout

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"time"
)

var reportHeader = []string{
	"line", "status", "destination", "amount", "correlation_id", "transfer", "code", "message", "path", "chunk", "mass_payment", "returned_at", "retried_by",
}

// WriteCSV writes a line for each row: line, status, destination, amount, correlation_id, transfer (its id), code,
// message and path of a failure or return, chunk, mass_payment (its URL), returned_at (RFC 3339, UTC) and retried_by (a batch).
func (r *Report) WriteCSV(ctx context.Context, w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(reportHeader); err != nil {
		return err
	}
	for row, err := range r.Rows(ctx) {
		if err != nil {
			return err
		}
		err = out.Write([]string{
			strconv.Itoa(row.Line), string(row.Status), row.Destination, row.Amount.Amount, row.CorrelationID, row.Transfer,
			row.Code, row.Message, row.Path, strconv.Itoa(row.Chunk), row.MassPayment, stamp(row.At), row.RetriedBy,
		})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// stamp is a time as text, and nothing for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// reportRow is a row as JSON.
type reportRow struct {
	Line          int               `json:"line"`
	Status        Status            `json:"status"`
	Destination   string            `json:"destination"`
	Amount        string            `json:"amount"`
	CorrelationID string            `json:"correlationId,omitempty"`
	Metadata      map[string]string `json:"metadata,omitempty"`
	Clearing      string            `json:"clearing,omitempty"`
	Addenda       string            `json:"addenda,omitempty"`
	Channel       string            `json:"processingChannel,omitempty"`
	Transfer      string            `json:"transfer,omitempty"`
	Code          string            `json:"code,omitempty"`
	Message       string            `json:"message,omitempty"`
	Path          string            `json:"path,omitempty"`
	Chunk         int               `json:"chunk"`
	MassPayment   string            `json:"massPayment,omitempty"`
	ReturnedAt    time.Time         `json:"returnedAt,omitzero"`
	RetriedBy     string            `json:"retriedBy,omitempty"`
}

// WriteJSON writes one object: the batch, its totals in cents, and the rows, streamed.
func (r *Report) WriteJSON(ctx context.Context, w io.Writer) error {
	summary, err := Summarize(ctx, r.store, r.batch)
	if err != nil {
		return err
	}
	head, err := json.Marshal(struct {
		Batch  string `json:"batch"`
		Digest string `json:"digest"`
		Total  Tally  `json:"total"`
		Totals Totals `json:"totals"`
	}{summary.Batch.ID, summary.Batch.Digest, summary.Totals.All(), summary.Totals})
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	_, _ = out.Write(head[:len(head)-1]) // a bufio.Writer keeps its first error for Flush
	_, _ = out.WriteString(`,"rows":[`)
	rows, separator := json.NewEncoder(out), "\n"
	for row, err := range r.Rows(ctx) {
		if err != nil {
			return err
		}
		_, _ = out.WriteString(separator)
		separator = ","
		err := rows.Encode(reportRow{
			row.Line, row.Status, row.Destination, row.Amount.Amount, row.CorrelationID, row.Metadata,
			string(row.Clearing), row.Addenda, string(row.Channel), row.Transfer,
			row.Code, row.Message, row.Path, row.Chunk, row.MassPayment, row.At, row.RetriedBy,
		})
		if err != nil {
			return err
		}
	}
	_, _ = out.WriteString("]}\n")
	return out.Flush()
}
