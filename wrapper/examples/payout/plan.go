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

// compare reads the file and compares it with every payout on record, if there is one.
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
	for i := range batches {
		b := &batches[i].Batch
		d, err := p.inspection.Compare(ctx, store, b.ID)
		switch {
		case err != nil:
			return p, exit(exitUnpaid, err)
		case b.ID == f.name && d.None(), f.name == "" && d.None() && !f.again:
			if p.known == nil || b.Created.After(p.known.Created) { // a retry has the same rows if all of them failed
				p.name, p.known = b.ID, b
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
		return p.name, f.sameWay(p.known, source)
	case p.edited != nil:
		showDifference(f.console.err, p.edited)
		return "", f.edited(p.name)
	}
	if len(p.overlaps) > 0 {
		if err := f.chooseRows(ctx, p, file); err != nil {
			return "", err
		}
	}
	b, err := payout.Prepare(ctx, store, p.name, p.rows, f.plan(source))
	if err == nil && !p.inspection.Is(&b) {
		err = errors.New("the file was changed while it was read")
	}
	return b.ID, showProblems(f.console, err)
}

// sameWay makes sure that a payout on record is paid as the flags say.
func (f *flags) sameWay(b *payout.Batch, source *dwolla.FundingSource) error {
	onRecord := dwolla.LinkTo[dwolla.FundingSource](b.Plan.Source).ID()
	switch {
	case f.namedSource() != "" && !strings.EqualFold(source.ID, onRecord):
		return exit(exitPerson, fmt.Errorf("payout %s is on record with the source %s, and pays from no other", b.ID, b.Plan.Source))
	case f.deferred && !b.Plan.Deferred:
		return exit(exitPerson, fmt.Errorf("payout %s is on record without -deferred: it moves its money at once", b.ID))
	}
	return nil
}

func (f *flags) plan(source *dwolla.FundingSource) payout.Plan {
	return payout.Plan{Source: source.Links.Self.Href, ChunkRows: f.size, Deferred: f.deferred, AllowRepeated: f.again}
}

func (f *flags) edited(name string) error {
	return exit(exitPerson, errors.New(try(fmt.Sprintf("payout %s is on record with other rows, and is not changed. Rows that were added are another payout, "+
		"with -added and another -run. To go on with what is on record:", name), f.line("run", name))))
}

// inspectAdded reads the rows that are in no other payout; there may be none.
func (p *plan) inspectAdded(ctx context.Context, file *file) (*payout.Inspection, error) {
	added, err := payout.Inspect(ctx, p.added(file), payout.Plan{})
	if errors.Is(err, payout.ErrNoRows) {
		return &payout.Inspection{}, nil
	}
	return added, err
}

// overlapping says how rows that are in another payout can be paid.
func (f *flags) overlapping(ctx context.Context, p *plan, file *file) error {
	added, err := p.inspectAdded(ctx, file)
	if err != nil {
		return err
	}
	defer added.Close()
	var lines []string
	if added.Rows > 0 {
		lines = append(lines, f.sameLine("run", "-added"))
	}
	if f.name != "" {
		lines = append(lines, f.sameLine("run", "-again"))
	}
	return exit(exitPerson, errors.New(try("nothing was sent: rows of the file are in another payout. -added pays those that are not; "+
		"-again, with -run and another name, pays all of them, whoever was paid once more", lines...)))
}

// chooseRows asks, or takes from the flags, which rows of the file are paid although others are in another payout.
func (f *flags) chooseRows(ctx context.Context, p *plan, file *file) error {
	for i := range p.overlaps {
		showDifference(f.console.err, &p.overlaps[i])
	}
	added, err := p.inspectAdded(ctx, file)
	if err != nil {
		return err
	}
	defer func() { added.Close() }()
	answer := ""
	switch {
	case f.onlyAdded:
		answer = "added"
	case f.again:
		answer = "again"
	default:
		answer = f.console.ask(fmt.Sprintf("Pay the %d rows that are in no other payout (%s): \"added\"; all %d rows, whoever was paid once more (%s): \"again\"; nothing: \"no\".",
			added.Rows, added.Amount(), p.inspection.Rows, p.inspection.Amount()), "added", "again", "no")
	}
	switch {
	case answer == "again" && f.name == "":
		return exit(exitPerson, errors.New("to pay again, name the payout with -run"))
	case answer == "again":
		f.again = true
		return nil
	case answer == "added" && added.Rows == 0:
		return exit(exitPerson, errors.New("no row was added: every one is on record"))
	case answer == "added":
		p.rows = p.added(file)
		p.inspection, added = added, p.inspection
		if f.name == "" {
			p.name = nameOf(p.inspection)
		}
		return nil
	}
	return f.overlapping(ctx, p, file)
}
