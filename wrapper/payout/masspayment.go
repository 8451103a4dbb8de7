package payout

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"strconv"

	"github.com/dwolla-go/dwolla-go/internal/reference"
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
	m.Metadata[metadataDigest] = c.Digest
	for i := range rows {
		m.Items[i] = item(b, &rows[i], source.href(fundingSourceID(rows[i].Destination)))
	}
	return m
}

func item(b *Batch, r *Row, destination string) dwolla.CreateMassPaymentItem {
	it := dwolla.CreateMassPaymentItem{
		Links:         dwolla.CreateMassPaymentItemLinks{Destination: dwolla.LinkTo[dwolla.FundingSource](destination)},
		Amount:        r.Amount,
		CorrelationID: r.CorrelationID,
		Metadata:      make(map[string]string, len(r.Metadata)+1),
	}
	if it.CorrelationID == "" {
		it.CorrelationID = fmt.Sprintf("%s-r%d", b.ID, r.Line)
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

// isOurs reports whether a mass payment that was found is the chunk: of the same rows, and from the same source.
func (c *Chunk) isOurs(b *Batch, m *dwolla.MassPayment) bool {
	return m.Metadata[metadataBatch] == b.ID && m.Metadata[metadataChunk] == strconv.Itoa(c.Number) &&
		m.Metadata[metadataDigest] == c.Digest &&
		(m.Links.Source.IsZero() || reference.Same(m.Links.Source.Href, b.Plan.Source))
}
