package main

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

//go:embed recipients.csv
var sample []byte

// people are the recipients: a CSV in memory, so that it is the same each time it is read.
type people []byte

func open(o options) (people, error) {
	if o.csv == "" {
		return grown(o.recipients), nil
	}
	return os.ReadFile(o.csv)
}

// grown is the sample with invented recipients at its end, until there are as many as asked for.
func grown(recipients int) people {
	csv := bytes.Clone(sample)
	for i := bytes.Count(sample, []byte("\n")); i <= recipients; i++ {
		csv = fmt.Appendf(csv, "%08x-0000-4000-8000-%012x,%d.%02d,wages-2026-11-%05d,W-%05d,,\n", i, i, 1+i%9, i%100, i, i)
	}
	return csv
}

func (p people) rows() payout.Input { return payout.ReadCSV(bytes.NewReader(p)) }

// name is the id of the batch: the user's, or one made from the file's content.
func (p people) name(run string) string {
	if run != "" {
		return run
	}
	sum := sha256.Sum256(p)
	return "payout-" + hex.EncodeToString(sum[:8])
}
