package payout

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/wire"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// massPayment is the body for a chunk. It depends on the record alone, so that every request has the same bytes.
func massPayment(b *Batch, c *Chunk, rows []Row) *dwolla.CreateMassPayment {
	source, _ := parseFundingSource(b.Plan.Source) // checked
	m := &dwolla.CreateMassPayment{
		Links:         dwolla.CreateMassPaymentLinks{Source: dwolla.LinkTo[dwolla.FundingSource](source.href(source.id))},
		Clearing:      dwolla.MassPaymentClearing{Source: b.Plan.Clearing},
		CorrelationID: c.CorrelationID,
		Items:         make([]dwolla.CreateMassPaymentItem, len(rows)),
		Metadata:      maps.Clone(b.Plan.Metadata),
	}
	if b.Plan.Deferred {
		m.Status = dwolla.CreateMassPaymentStatusDeferred
	}
	if m.Metadata == nil {
		m.Metadata = map[string]string{}
	}
	m.Metadata[metadataBatch] = b.ID
	m.Metadata[metadataChunk] = strconv.Itoa(c.Number)
	_, m.Metadata[metadataDigest] = c.rest()
	for i := range rows {
		m.Items[i] = item(b, &rows[i], source.href(fundingSourceID(rows[i].Destination)))
	}
	return m
}

func item(b *Batch, r *Row, destination string) dwolla.CreateMassPaymentItem {
	it := dwolla.CreateMassPaymentItem{
		Links:         dwolla.CreateMassPaymentItemLinks{Destination: dwolla.LinkTo[dwolla.FundingSource](destination)},
		Amount:        r.Amount,
		CorrelationID: r.correlationID(b.ID),
		Metadata:      make(map[string]string, len(r.Metadata)+1),
	}
	it.Clearing.Destination = r.Clearing
	it.ProcessingChannel.Destination = r.Channel
	if r.Addenda != "" {
		it.ACHDetails.Destination.Addenda.Values = []string{r.Addenda}
	}
	maps.Copy(it.Metadata, r.Metadata)
	it.Metadata[metadataRow] = strconv.Itoa(r.Line)
	return it
}

// bodySum is the hash of the bytes that are sent.
func bodySum(m *dwolla.CreateMassPayment) (string, error) {
	body, err := wire.AppendRequest(nil, m)
	if err != nil {
		return "", fmt.Errorf("payout: the mass payment cannot be encoded: %w", err)
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

// correlationID is what names the payment of the row at Dwolla.
func (r *Row) correlationID(batch string) string {
	if r.CorrelationID != "" {
		return r.CorrelationID
	}
	return fmt.Sprintf("%s-r%d", batch, r.Line)
}

// foldID is the form in which correlation ids are compared. Spreadsheets and databases change their case.
func foldID(correlationID string) string { return strings.ToLower(correlationID) }
