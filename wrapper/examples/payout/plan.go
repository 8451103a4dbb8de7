package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// A plan is what a file means beside the record.
type plan struct {
	rows       payout.Input
	inspection *payout.Inspection
	name       string
	known      *payout.Batch       // the payout that is on record with these payments
	overlaps   []payout.Difference // with other payouts, of rows that they paid or may pay
	edited     *payout.Difference  // from the payout of that name
}

// compare reads the file and compares it with every payout on record.
func (f *flags) compare(ctx context.Context, store *record, file *file, source string) (*plan, error) {
	p := &plan{rows: file.rows(), name: f.name}
	var err error
	if p.inspection, err = inspect(ctx, f.console, p.rows, payout.Plan{Source: source}); err != nil {
		return nil, err
	}
	batches, err := prepared(ctx, store)
	if err != nil {
		return p, exit(exitUnpaid, err)
	}
	for _, b := range batches {
		d, err := p.inspection.Compare(ctx, store, b.ID)
		switch {
		case err != nil:
			return p, exit(exitUnpaid, err)
		case b.ID == f.name && d.None(), f.name == "" && d.None() && !f.again:
			if p.known == nil || b.Created.After(p.known.Created) { // a retry has the same rows if all of them failed
				p.name, p.known = b.ID, &b
			}
		case b.ID == f.name:
			p.edited = &d
		case d.Overlaps():
			p.overlaps = append(p.overlaps, d)
		}
	}
	if p.known != nil {
		p.overlaps = nil // it was decided when it was prepared
	}
	if p.name == "" {
		p.name = nameOf(p.inspection)
	}
	return p, nil
}

func (p *plan) close() {
	if p != nil && p.inspection != nil {
		p.inspection.Close()
	}
}

// nameOf names a payout by its payments, so that two programs with two records mean the same.
func nameOf(i *payout.Inspection) string { return "payout-" + i.Digest()[:16] }

// has reports whether a row is in another payout.
func (p *plan) has(line int) bool {
	for i := range p.overlaps {
		if p.overlaps[i].Has(line) {
			return true
		}
	}
	return false
}

// added are the rows that no other payout has.
func (p *plan) added(file *file) payout.Input {
	return func(yield func(payout.Row, error) bool) {
		for row, err := range file.rows() {
			if (err != nil || !p.has(row.Line)) && !yield(row, err) {
				return
			}
		}
	}
}

// prepare writes the payout of a file down, unless it is on record.
func (f *flags) prepare(ctx context.Context, store *record, file *file, source *dwolla.FundingSource) (string, error) {
	p, err := f.compare(ctx, store, file, source.Links.Self.Href)
	defer p.close()
	switch {
	case err != nil:
		return "", err
	case p.known != nil:
		return p.name, f.sameSource(p.known, source)
	case p.edited != nil:
		showDifference(f.console.err, p.edited)
		return "", edited(p.name)
	}
	if len(p.overlaps) > 0 {
		if err := f.decide(ctx, p, file, source); err != nil {
			return "", err
		}
	}
	b, err := payout.Prepare(ctx, store, p.name, p.rows, f.plan(source))
	if err == nil && !p.inspection.Is(&b) {
		err = errors.New("the file was changed while it was read")
	}
	return b.ID, showProblems(f.console, err)
}

// sameSource makes sure that a source that was named is the one that pays.
func (f *flags) sameSource(b *payout.Batch, source *dwolla.FundingSource) error {
	onRecord := dwolla.LinkTo[dwolla.FundingSource](b.Plan.Source).ID()
	if f.namedSource() == "" || strings.EqualFold(source.ID, onRecord) {
		return nil
	}
	return exit(exitPerson, fmt.Errorf("payout %s is on record with the source %s, and pays from no other", b.ID, b.Plan.Source))
}

func (f *flags) plan(source *dwolla.FundingSource) payout.Plan {
	return payout.Plan{Source: source.Links.Self.Href, ChunkRows: f.size, Deferred: f.deferred, AllowRepeated: f.again}
}

func edited(name string) error {
	return exit(exitPerson, fmt.Errorf("payout %s is on record with other rows, and is not changed. "+
		"\"payout run -run %s\" without a file goes on with what is on record; rows that were added are another payout, with -added and another -run", name, name))
}

// decide asks, or takes from the flags, which rows of the file are paid although others are in another payout.
func (f *flags) decide(ctx context.Context, p *plan, file *file, source *dwolla.FundingSource) error {
	for i := range p.overlaps {
		showDifference(f.console.err, &p.overlaps[i])
	}
	added, err := payout.Inspect(ctx, p.added(file), f.plan(source))
	if err != nil && !errors.Is(err, payout.ErrNoRows) {
		return err
	}
	if errors.Is(err, payout.ErrNoRows) {
		added = &payout.Inspection{}
	}
	defer func() { added.Close() }()
	question := fmt.Sprintf("Pay the %d rows that are in no other payout (%s): \"added\"; all %d rows, whoever was paid once more (%s): \"again\"; nothing: \"no\".",
		added.Rows, added.Amount(), p.inspection.Rows, p.inspection.Amount())
	answer := ""
	switch {
	case f.onlyAdded:
		answer = "added"
	case f.again:
		answer = "again"
	default:
		answer = f.console.ask(question, "added", "again", "no")
	}
	switch {
	case answer == "again" && f.name == "":
		return exit(exitPerson, errors.New("to pay again, name the payout with -run"))
	case answer == "again":
		f.again = true
		return nil
	case answer == "added" && added.Rows == 0:
		return exit(exitPerson, errors.New("no row was added: every one is on record. \"payout run -run NAME\" goes on with a payout"))
	case answer == "added":
		p.rows = p.added(file)
		p.inspection, added = added, p.inspection
		if f.name == "" {
			p.name = nameOf(p.inspection)
		}
		return nil
	}
	return exit(exitPerson, errors.New("nothing was sent: rows of the file are in another payout. -added pays those that are not, -again with -run pays all of them"))
}
