package dwollatest_test

import (
	"testing"
)

func TestSandboxANewAccountHasABankAndABalance(t *testing.T) {
	r := newRig(t)
	account := r.get(r.get("/").href("account"))
	found := r.all(account.href("funding-sources"), "funding-sources")
	r.expect("funding sources", len(found), 2)
	r.expect("balance", r.get(found[0].href("balance")).text("balance value"), "5000.00")
	r.expect("bank", found[1].text("name"), "Superhero Savings Bank")
	r.expect("status", found[1].text("status"), "verified")
}
