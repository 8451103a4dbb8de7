package payout

import (
	"context"
	"slices"
	"strconv"

	"github.com/dwolla-go/dwolla-go/internal/reference"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// This file knows the package's own payments again at Dwolla, which does not always tell all of what was sent: metadata
// and total may be missing, items may be listed later than their mass payment, and ids may be in another case.

// A likeness says how a mass payment under a chunk's correlation id compares with the chunk.
type likeness int

const (
	different likeness = iota
	alike              // as far as it tells; its items decide
	same
)

// compare compares what a mass payment tells of itself with the chunk. One that pays a part of the chunk is different: it
// can be of a record whose chunks had another size, and then the rest is paid by others.
func (c *Chunk) compare(b *Batch, m *dwolla.MassPayment) likeness {
	rest, digest := c.rest()
	switch {
	case !m.Links.Source.IsZero() && !reference.Same(m.Links.Source.Href, b.Plan.Source), !m.Total.IsZero() && !m.Total.Equal(rest.Amount()):
		return different
	case len(m.Metadata) == 0:
		return alike
	case m.Metadata[metadataBatch] != b.ID || m.Metadata[metadataChunk] != strconv.Itoa(c.Number) || m.Metadata[metadataDigest] != digest:
		return different
	default:
		return same
	}
}

// recognize decides about the one mass payment that was found under the chunk's correlation id.
func (s *step) recognize(ctx context.Context, m *dwolla.MassPayment) error {
	like := s.chunk.compare(&s.batch, m)
	if like == alike {
		l, err := s.list(ctx, m.Links.Self.Href, m.Status)
		if err != nil || s.failure != nil {
			return err
		}
		switch {
		case l.foreign():
			like = different
		case l.odd > 0: // what it pays is not known
		case l.complete():
			like = same
		}
	}
	switch like {
	case same:
		s.poll(s.runner.opts.MaxPoll)
		return s.chunk.create(m.Links.Self.Href)
	case different:
		return s.chunk.hold(HoldAmbiguous, []string{m.Links.Self.Href}, s.now.time())
	default: // not all of its items are listed yet
		if s.chunk.State != StateUnknown {
			if err := s.chunk.doubt(); err != nil {
				return err
			}
		}
		s.look()
		return s.awaitLookUp(HoldAmbiguous, m.Links.Self.Href)
	}
}

// list reads the items of a mass payment. If Dwolla cannot be asked, the step has failed.
func (s *step) list(ctx context.Context, massPayment string, status dwolla.MassPaymentStatus) (*listing, error) {
	rows, err := s.rows(ctx)
	if err != nil {
		return nil, err
	}
	l := newListing(s.batch.ID, rows, status)
	for item, err := range s.runner.gateway.Items(ctx, massPayment) {
		if isEntry(err) {
			l.odd++
			continue
		}
		if err != nil {
			s.fail(err)
			return l, nil
		}
		l.add(&item)
	}
	l.matchRest()
	return l, nil
}

// A listing matches the items of a mass payment to its rows. Their order does not matter, and an item that the pages
// repeat counts once.
type listing struct {
	rows   []Row
	status dwolla.MassPaymentStatus
	ids    map[string]int            // the rows that have a correlation id of their own, by that
	found  []*dwolla.MassPaymentItem // by row
	twice  map[int]bool
	odd    int                                // items that cannot be read
	rest   map[string]*dwolla.MassPaymentItem // by id: those that name no row
}

func newListing(batch string, rows []Row, status dwolla.MassPaymentStatus) *listing {
	l := &listing{
		rows: rows, status: status, ids: make(map[string]int, len(rows)), found: make([]*dwolla.MassPaymentItem, len(rows)),
		twice: map[int]bool{}, rest: map[string]*dwolla.MassPaymentItem{},
	}
	for i := range rows {
		id := foldID(rows[i].correlationID(batch))
		if _, shared := l.ids[id]; shared {
			l.ids[id] = noRow
		} else {
			l.ids[id] = i
		}
	}
	return l
}

const noRow = -1

// add matches an item by its correlation id, or else by the line in its metadata.
func (l *listing) add(item *dwolla.MassPaymentItem) {
	i, ok := l.ids[foldID(item.CorrelationID)] // Dwolla may write it in another case
	if !ok || i == noRow {
		i = l.lineOf(item)
	}
	if i == noRow {
		l.rest[item.ID] = item
		return
	}
	l.match(i, item)
}

// lineOf is the row whose line the item's metadata has.
func (l *listing) lineOf(item *dwolla.MassPaymentItem) int {
	line, err := strconv.Atoi(item.Metadata[metadataRow])
	if err != nil {
		return noRow
	}
	i, ok := slices.BinarySearchFunc(l.rows, line, func(r Row, line int) int { return r.Line - line })
	if !ok {
		return noRow
	}
	return i
}

func (l *listing) match(i int, item *dwolla.MassPaymentItem) {
	switch known := l.found[i]; {
	case known == nil:
		l.found[i] = item
	case known.ID != item.ID:
		l.twice[i] = true
	case known.Status == dwolla.MassPaymentItemStatusPending:
		l.found[i] = item // decided while the pages were read
	}
}

// A pair is what an item pays to whom.
type pair struct {
	destination string
	cents       int64
}

func pairOf(destination string, amount dwolla.Money) pair {
	cents, _ := amount.Cents()
	return pair{reference.Parse(destination).ID, cents}
}

// matchRest matches the items that name no row and have no correlation id to the rows that have no item: by destination
// and amount, where one row and one item alone have these.
func (l *listing) matchRest() {
	if len(l.rest) == 0 {
		return
	}
	rows := map[pair][]int{}
	for i, item := range l.found {
		if item == nil {
			p := pairOf(l.rows[i].Destination, l.rows[i].Amount)
			rows[p] = append(rows[p], i)
		}
	}
	items := map[pair][]*dwolla.MassPaymentItem{}
	for _, item := range l.rest {
		if item.CorrelationID == "" && !item.Links.Destination.IsZero() {
			p := pairOf(item.Links.Destination.Href, item.Amount)
			items[p] = append(items[p], item)
		}
	}
	for p, of := range rows {
		if len(of) == 1 && len(items[p]) == 1 {
			l.match(of[0], items[p][0])
			delete(l.rest, items[p][0].ID)
		}
	}
}

// foreign reports whether an item is there that is no row of the chunk.
func (l *listing) foreign() bool {
	for i, item := range l.found {
		if l.twice[i] || item != nil && !l.pays(i) {
			return true
		}
	}
	return len(l.rest) > 0
}

// complete reports whether every row has an item.
func (l *listing) complete() bool { return !slices.Contains(l.found, nil) }

// pays reports whether the item of a row pays it. Some answers have the Customer in place of the funding source.
func (l *listing) pays(i int) bool {
	item, row := l.found[i], &l.rows[i]
	to := reference.Parse(item.Links.Destination.Href)
	return item.Amount.Equal(row.Amount) && (to.Collection != "funding-sources" || to.IsOf(row.Destination))
}
