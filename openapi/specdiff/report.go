package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/checker/localizations"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

// A finding is one difference between the contract and the published document.
type finding struct{ operation, text string }

// diffAPIs returns the differences that oasdiff finds.
func diffAPIs(ours, theirs api) ([]finding, error) {
	base, err := document(ours)
	if err != nil {
		return nil, err
	}
	revision, err := document(theirs)
	if err != nil {
		return nil, err
	}
	differences, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(),
		&load.SpecInfo{Url: "contract", Spec: base}, &load.SpecInfo{Url: "published", Spec: revision})
	if err != nil {
		return nil, err
	}
	changes := checker.CheckBackwardCompatibilityUntilLevel(
		checker.NewConfig(checker.GetAllChecks()), differences, sources, checker.INFO)
	words := checker.NewLocalizer(localizations.LangDefault)
	found := make([]finding, 0, len(changes))
	for _, c := range changes {
		found = append(found, finding{
			operation: strings.TrimSpace(c.GetOperation() + " " + c.GetPath()),
			text:      c.GetUncolorizedText(words),
		})
	}
	slices.SortFunc(found, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.operation, b.operation), cmp.Compare(a.text, b.text))
	})
	return slices.Compact(found), nil
}

// report returns the findings as text, grouped by operation.
func report(found []finding) string {
	if len(found) == 0 {
		return "nothing to do: the contract says what the document says\n"
	}
	var b strings.Builder
	operation := ""
	for _, f := range found {
		if f.operation != operation {
			operation = f.operation
			b.WriteString(operation + "\n")
		}
		b.WriteString("  - " + f.text + "\n")
	}
	fmt.Fprintf(&b, "\n%d to look at. Take a change into openapi/dwolla.yaml, or a lasting difference into\n"+
		"openapi/specdiff/differences.txt.\n", len(found))
	return b.String()
}
