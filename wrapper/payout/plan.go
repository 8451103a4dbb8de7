package payout

import (
	"errors"
	"fmt"
	"maps"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A Plan says how the rows of a batch are paid. It is written down with the batch and cannot be changed afterwards.
type Plan struct {
	// Source is the URL of the funding source that pays.
	Source string `json:"source"`
	// Deferred creates the mass payments without running them: money moves after [Runner.Approve].
	Deferred bool `json:"deferred,omitempty"`
	// ChunkRows is how many rows become one mass payment. Default and most: [MaxChunkRows].
	ChunkRows int `json:"chunkRows"`
	// AllowDuplicates pays rows with the correlation id of another row, and rows without one that have the destination
	// and amount of another. Without it they are problems.
	AllowDuplicates bool `json:"allowDuplicates,omitempty"`
	// AllowRepeated pays rows that another batch of the store has paid or may have paid: those with the same destination and
	// amount, and with the same correlation id, in any case, or where one of them has none. Without it they are problems;
	// correlation ids that name the month or the invoice tell such payments apart.
	AllowRepeated bool `json:"allowRepeated,omitempty"`
	// Clearing is how fast a bank as the source is debited; empty is Dwolla's default.
	Clearing dwolla.SourceClearing `json:"clearing,omitempty"`
	// Metadata is sent with every mass payment: at most seven pairs, the others are the package's own.
	Metadata map[string]string `json:"metadata,omitempty"`
	// OnProblem is called with every problem of the input, as it is found.
	OnProblem func(RowError) `json:"-"`
}

// same reports whether two plans pay the same way.
func (p *Plan) same(o *Plan) bool {
	return fundingSourceID(p.Source) == fundingSourceID(o.Source) && p.Deferred == o.Deferred && p.ChunkRows == o.ChunkRows &&
		p.AllowDuplicates == o.AllowDuplicates && p.Clearing == o.Clearing && maps.Equal(p.Metadata, o.Metadata)
}

// check fills in the plan's defaults and parses its source.
func (b *Batch) check() (*fundingSource, error) {
	if err := dwolla.ValidateCorrelationID(b.ID); err != nil || len(b.ID) > maxBatchID {
		return nil, fmt.Errorf("payout: a batch's id must have 1 to %d letters, digits or -._", maxBatchID)
	}
	source, err := parseFundingSource(b.Plan.Source)
	if err != nil || source.beside == "" {
		return nil, errSource
	}
	if b.Plan.ChunkRows == 0 {
		b.Plan.ChunkRows = MaxChunkRows
	}
	if b.Plan.ChunkRows < 0 || b.Plan.ChunkRows > MaxChunkRows {
		return nil, fmt.Errorf("payout: Plan.ChunkRows must be 1 to %d", MaxChunkRows)
	}
	for _, key := range []string{metadataBatch, metadataChunk, metadataDigest} {
		if _, taken := b.Plan.Metadata[key]; taken {
			return nil, fmt.Errorf("payout: the metadata key %s is taken by package payout", key)
		}
	}
	if len(b.Plan.Metadata) > maxPlanMetadata {
		return nil, fmt.Errorf("payout: Plan.Metadata must have at most %d pairs", maxPlanMetadata)
	}
	if err := dwolla.ValidateMetadata(b.Plan.Metadata); err != nil {
		return nil, fmt.Errorf("payout: Plan.Metadata: %w", err)
	}
	return &source, nil
}

var errSource = errors.New("payout: Plan.Source must be the URL of a funding source")

// Metadata of a mass payment by which a chunk is known again.
const (
	metadataBatch  = "payout-batch"
	metadataChunk  = "payout-chunk"
	metadataDigest = "payout-digest"

	maxPlanMetadata = dwolla.MaxMetadataPairs - 3
	maxBatchID      = 200 // leaves room for the chunk's number in a correlation id, and for metadata's limit
)
