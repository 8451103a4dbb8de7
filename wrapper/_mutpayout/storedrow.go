package payout

import dwolla "github.com/dwolla-go/dwolla-go/wrapper"

// A storedRow is a row on record. Names are short since there are a million of them.
type storedRow struct {
	Line          int               `json:"l"`
	Destination   string            `json:"d"`
	Cents         int64             `json:"c"`
	CorrelationID string            `json:"i,omitempty"`
	Metadata      map[string]string `json:"m,omitempty"`
}

func storeRow(r *Row, cents int64) storedRow {
	return storedRow{r.Line, r.Destination, cents, r.CorrelationID, r.Metadata}
}

func (s *storedRow) row() Row {
	return Row{
		Line: s.Line, Destination: s.Destination, Amount: dwolla.USDCents(s.Cents),
		CorrelationID: s.CorrelationID, Metadata: s.Metadata,
	}
}
