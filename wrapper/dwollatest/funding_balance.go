package dwollatest

import "net/http"

func (w *world) getFundingSourceBalance(c *call) (reply, error) {
	f, err := w.source(c)
	if err != nil {
		return reply{}, err
	}
	out := object{
		"_links": links{
			"self":           c.hal.link(f.path() + "/balance"),
			"funding-source": c.hal.link(f.path()),
		},
		"lastUpdated": stamp(f.changed),
	}
	switch {
	case f.removed:
		return reply{}, invalidState("The funding source is removed.")
	case f.kind == balance:
		out["balance"], out["total"] = usd(f.spendable()), usd(f.holds)
	case f.usage != "":
		out["available"] = usd(f.holds)
	case f.exchange != nil:
		if err := f.exchange.readable(); err != nil {
			return reply{}, err
		}
		out["available"], out["closing"] = usd(f.holds), usd(f.holds)
	default:
		return reply{}, &failure{
			status:  http.StatusBadRequest,
			code:    "UnsupportedOperation",
			message: "The balance of this funding source cannot be read.",
		}
	}
	return ok(out)
}
