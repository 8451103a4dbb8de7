package dwollatest_test

import (
	"testing"
	"time"
)

func TestTransfersAreFiltered(t *testing.T) {
	r := newRig(t)
	list := "/accounts/" + r.Account().ID + "/transfers"
	jane, janes := r.AddReceiver("Jane Doe")
	_, maxs := r.AddReceiver("Max Roe")
	first := transfer(r.AccountBalance().Href, janes.Href, "10.00")
	first["correlationId"] = "first"
	r.create("/transfers", first)
	day := r.Now().UTC().Format(time.DateOnly)
	r.Advance(48 * time.Hour)
	r.authenticate()
	second := r.create("/transfers", transfer(r.AccountBalance().Href, maxs.Href, "20.00"))
	r.post(second, jsonObject{"status": "cancelled"})
	for _, row := range []struct {
		name  string
		query string
		want  int
	}{
		{"all", "", 2},
		{"correlation id", query("correlationId", "first"), 1},
		{"state", query("status", "cancelled"), 1},
		{"least amount", query("startAmount", "10.01"), 1},
		{"greatest amount", query("endAmount", "10"), 1},
		{"both amounts", query("startAmount", "10", "endAmount", "20.00"), 2},
		{"last day", query("endDate", day), 1},
		{"first day", query("startDate", day), 2},
		{"name", query("search", "jane"), 1},
		{"id", query("search", jane.ID), 1},
		{"two at a time", query("search", "jane", "status", "cancelled"), 0},
	} {
		page := r.get(list + row.query)
		r.expect(row.name, page["total"], float64(row.want))
		r.expect(row.name, len(r.all(list+row.query, "transfers")), row.want)
	}
	r.expect("of a Customer", len(r.all(jane.Href+"/transfers", "transfers")), 1)
	r.expect("newest first", r.all(list, "transfers")[0].href("self"), second)
}

// transfer is the body of a transfer.
func transfer(from, to, value string) jsonObject {
	return jsonObject{"_links": jsonObject{"source": href(from), "destination": href(to)}, "amount": usd(value)}
}
