package dwollatest

func (f *fundingSource) show(h hal) jsonObject {
	out := jsonObject{
		"_links":   f.links(h),
		"id":       f.id,
		"status":   f.status,
		"type":     f.kind,
		"name":     f.name,
		"created":  stamp(f.created),
		"removed":  f.removed,
		"channels": append([]string{}, f.channels...),
	}
	if f.accountType != "" {
		out["bankAccountType"] = f.accountType
	}
	if f.kind == bank || f.kind == virtual {
		out["bankName"] = sandboxBank
	}
	if f.fingerprint != "" {
		out["fingerprint"] = f.fingerprint
	}
	if f.usage != "" {
		out["bankUsageType"] = f.usage
	}
	if f.card != nil {
		out["cardDetails"] = f.card
	}
	return out
}

// links are the relations of the funding source; actions are there only while they are allowed.
func (f *fundingSource) links(h hal) links {
	path := f.path()
	out := links{"self": h.link(path), f.party.rel(): h.link(f.party.path())}
	if f.authorization != "" {
		out["on-demand-authorization"] = h.link(f.authorization)
	}
	if f.removed {
		return out
	}
	if own := f.party.balance; own != nil {
		out["with-available-balance"] = h.link(own.path())
	}
	switch f.kind {
	case balance:
		out["balance"] = h.link(path + "/balance")
		out["transfer-send"] = h.link("/transfers")
		out["transfer-receive"] = h.link("/transfers")
		return out
	case virtual:
		delete(out, "with-available-balance")
		out["ach-routing"] = h.link(path + "/ach-routing")
	case bank:
		f.bankLinks(h, out)
	case card:
		out["transfer-receive"] = h.link("/transfers")
	}
	out["remove"] = h.link(path)
	return out
}

func (f *fundingSource) bankLinks(h hal, out links) {
	out["transfer-receive"] = h.link("/transfers")
	if f.exchange != nil || f.usage != "" {
		out["balance"] = h.link(f.path() + "/balance")
	}
	if f.party.balance != nil {
		out["transfer-from-balance"] = h.link("/transfers")
	}
	if f.status == verified {
		out["transfer-send"] = h.link("/transfers")
		if f.party.balance != nil {
			out["transfer-to-balance"] = h.link("/transfers")
		}
		return
	}
	f.micro.link(f, h, out)
}
