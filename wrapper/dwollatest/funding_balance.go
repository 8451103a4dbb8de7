package dwollatest

import "net/http"

func (st *state) getFundingSourceBalance(req *request) (result, error) {
	f, err := st.source(req)
	if err != nil {
		return result{}, err
	}
	out := jsonObject{
		"_links": links{
			"self":           req.hal.link(f.path() + "/balance"),
			"funding-source": req.hal.link(f.path()),
		},
		"lastUpdated": stamp(f.changed),
	}
	switch {
	case f.removed:
		return result{}, invalidState("The funding source is removed.")
	case f.kind == balance:
		out["balance"], out["total"] = usd(f.spendable()), usd(f.holds)
	case f.usage != "":
		out["available"] = usd(f.holds)
	case f.exchange != nil:
		if err := f.exchange.readable(); err != nil {
			return result{}, err
		}
		out["available"], out["closing"] = usd(f.holds), usd(f.holds)
	default:
		return result{}, &apiError{
			status:  http.StatusBadRequest,
			code:    "UnsupportedOperation",
			message: "The balance of this funding source cannot be read.",
		}
	}
	return ok(out)
}

// getFundingSourceAchRouting shows the numbers by which others pay into a virtual account.
func (st *state) getFundingSourceAchRouting(req *request) (result, error) {
	f, err := st.source(req)
	if err != nil {
		return result{}, err
	}
	if f.kind != virtual {
		return result{}, notFound("Account number")
	}
	return ok(jsonObject{
		"_links":        links{"self": req.hal.link(req.path), "funding-source": req.hal.link(f.path())},
		"accountNumber": f.number,
		"routingNumber": f.routing,
	})
}
