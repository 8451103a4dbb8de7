package payout

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// The keys of a batch's record. Numbers have a fixed width, so that keys sort as chunks do.
const (
	keyBatch      = "batch"
	prefixChunk   = "chunk/"
	prefixRows    = "rows/"
	prefixResults = "results/"
	prefixLease   = "lease/"
)

func numbered(prefix string, chunk int) string { return fmt.Sprintf("%s%08d", prefix, chunk) }

// A record reads and writes the values of a batch: JSON with a checksum, so that nothing is paid from a value that was
// damaged or edited.
type record struct{ tx Tx }

var checksums = crc32.MakeTable(crc32.Castagnoli)

func (r record) put(key string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("payout: %s cannot be written down: %w", key, err)
	}
	value := make([]byte, 4, 4+len(data))
	value = append(value, data...)
	binary.BigEndian.PutUint32(value, checksum(key, data))
	return r.tx.Put(key, value)
}

// checksum covers the key too, so that a value in the place of another is noticed.
func checksum(key string, data []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte(key), checksums), checksums, data)
}

// get reports whether the key is there.
func (r record) get(key string, v any) (bool, error) {
	value, err := r.tx.Get(key)
	if err != nil || value == nil {
		return false, err
	}
	return true, decodeValue(key, value, v)
}

func decodeValue(key string, value []byte, v any) error {
	if len(value) < 4 {
		return &CorruptError{Key: key, Err: errors.New("cut off")}
	}
	if binary.BigEndian.Uint32(value) != checksum(key, value[4:]) {
		return &CorruptError{Key: key, Err: errors.New("wrong checksum")}
	}
	if err := json.Unmarshal(value[4:], v); err != nil {
		return &CorruptError{Key: key, Err: err}
	}
	return nil
}

func (r record) batch() (Batch, error) {
	var b Batch
	found, err := r.get(keyBatch, &b)
	if err == nil && !found {
		err = ErrNotFound
	}
	return b, err
}

// ready gives the batch, or ErrNotReady if its preparation did not end.
func (r record) ready() (Batch, error) {
	b, err := r.batch()
	if err == nil && b.State != BatchReady {
		err = ErrNotReady
	}
	return b, err
}

func (r record) chunk(number int) (Chunk, error) {
	var c Chunk
	key := numbered(prefixChunk, number)
	found, err := r.get(key, &c)
	if err == nil && !found {
		err = &CorruptError{Key: key, Err: errors.New("is missing")}
	}
	return c, err
}

// chunks are all of a batch's, in order; one that is missing is an error.
func (r record) chunks(b *Batch) ([]Chunk, error) {
	chunks := make([]Chunk, 0, b.Chunks)
	err := r.tx.Scan(prefixChunk, func(key string, value []byte) error {
		var c Chunk
		if err := decodeValue(key, value, &c); err != nil {
			return err
		}
		chunks = append(chunks, c)
		return nil
	})
	if err == nil && len(chunks) != b.Chunks {
		err = &CorruptError{Key: prefixChunk, Err: fmt.Errorf("%d chunks of %d", len(chunks), b.Chunks)}
	}
	return chunks, err
}

// readyChunks gives a ready batch and its chunks.
func (r record) readyChunks() (Batch, []Chunk, error) {
	b, err := r.ready()
	if err != nil {
		return b, nil, err
	}
	chunks, err := r.chunks(&b)
	return b, chunks, err
}

// rows are those of a chunk, checked against the digest that is sent with them.
func (r record) rows(c *Chunk) ([]Row, error) {
	var stored []storedRow
	key := numbered(prefixRows, c.Number)
	if found, err := r.get(key, &stored); err != nil {
		return nil, err
	} else if !found || len(stored) != c.Rows {
		return nil, &CorruptError{Key: key, Err: fmt.Errorf("%d rows of %d", len(stored), c.Rows)}
	}
	rows, sum := make([]Row, len(stored)), newDigest()
	for i := range stored {
		rows[i] = stored[i].row()
		sum.add(&rows[i], stored[i].Cents)
	}
	if sum.String() != c.Digest {
		return nil, &CorruptError{Key: key, Err: errors.New("wrong digest")}
	}
	return rows, nil
}

// rest are the rows of a chunk that are sent: those that Dwolla has not refused.
func (r record) rest(c *Chunk) ([]Row, error) {
	rows, err := r.rows(c)
	if err != nil || c.Cut == nil {
		return rows, err
	}
	sum, left := newDigest(), make([]Row, 0, c.Cut.Rows)
	for _, place := range c.places() {
		cents, _ := rows[place].Amount.Cents()
		sum.add(&rows[place], cents)
		left = append(left, rows[place])
	}
	if len(left) != c.Cut.Rows || sum.String() != c.Cut.Digest {
		return nil, &CorruptError{Key: numbered(prefixChunk, c.Number), Err: errors.New("wrong digest of the rows that are left")}
	}
	return left, nil
}

// results are those of a chunk; nil when it has none yet.
func (r record) results(c *Chunk) ([]Result, error) {
	var results []Result
	key := numbered(prefixResults, c.Number)
	if found, err := r.get(key, &results); err != nil || !found {
		return nil, err
	}
	if len(results) != c.Rows {
		return nil, &CorruptError{Key: key, Err: fmt.Errorf("%d results of %d", len(results), c.Rows)}
	}
	return results, nil
}

// A storedRow is a row on record. Names are short since there are a million of them.
type storedRow struct {
	Line          int               `json:"l"`
	Destination   string            `json:"d"`
	Cents         int64             `json:"c"`
	CorrelationID string            `json:"i,omitempty"`
	Metadata      map[string]string `json:"m,omitempty"`

	Clearing dwolla.DestinationClearing   `json:"s,omitempty"`
	Addenda  string                       `json:"a,omitempty"`
	Channel  dwolla.ProcessingChannelName `json:"p,omitempty"`
}

func (s *storedRow) row() Row {
	return Row{
		Line: s.Line, Destination: s.Destination, Amount: dwolla.USDCents(s.Cents),
		CorrelationID: s.CorrelationID, Metadata: s.Metadata,
		Clearing: s.Clearing, Addenda: s.Addenda, Channel: s.Channel,
	}
}

func storeRow(r *Row, cents int64) storedRow {
	return storedRow{r.Line, r.Destination, cents, r.CorrelationID, r.Metadata, r.Clearing, r.Addenda, r.Channel}
}
