package dwollatest

import "strings"

// A returnCode is an ACH return code with what Dwolla does about it.
type returnCode struct {
	code       string
	reason     string
	customer   string // the state that the Customer is put into, if any
	unverifies bool
	removes    bool
}

// returnCodes are the documented codes. Where Dwolla's table and its reference page disagree (R20, R22), the table
// decides.
func returnCodes() []returnCode {
	return []returnCode{
		{"R01", "Insufficient Funds", "", false, false},
		{"R02", "Bank Account Closed", "", true, true},
		{"R03", "No Account/Unable to Locate Account", "", true, true},
		{"R04", "Invalid Bank Account Number Structure", "", true, true},
		{"R05", "Unauthorized corporate debit to a consumer account", suspended, true, true},
		{"R06", "Returned at the request of the ODFI", suspended, true, true},
		{"R07", "Authorization Revoked by Customer", deactivated, true, true},
		{"R08", "Payment Stopped", "", true, true},
		{"R09", "Uncollected Funds", "", false, false},
		{"R10", "Originator unknown or not authorized", suspended, true, true},
		{"R11", "Entry not according to the authorization", deactivated, true, true},
		{"R12", "Branch Sold to Another DFI", "", false, true},
		{"R13", "Invalid ACH Routing Number", "", true, true},
		{"R14", "Representative payee deceased", suspended, false, true},
		{"R15", "Beneficiary or Account Holder Deceased", suspended, true, true},
		{"R16", "Account Frozen", suspended, true, true},
		{"R17", "Questionable entry", suspended, true, true},
		{"R20", "Non-Transaction Account", "", false, true},
		{"R22", "Invalid Individual ID Number", "", true, false},
		{"R23", "Credit Entry Refused by Receiver", "", true, true},
		{"R29", "Corporate Customer Advises Not Authorized", suspended, true, true},
		{"R31", "Permissible Return", suspended, true, true},
		{"R37", "Source Document Presented for Payment", "", false, true},
		{"R38", "Stop Payment on Source Document", suspended, true, true},
		{"R51", "Improper RCK Entry", suspended, true, true},
	}
}

// returnCodeByName is the return code in the name of a funding source, by which the sandbox makes its transfers fail;
// with "-late" they fail after they were processed. The documents name R01 and R03; every other documented code works
// the same way here.
func returnCodeByName(name string) (code *returnCode, late bool) {
	name, late = strings.CutSuffix(name, "-late")
	for _, known := range returnCodes() {
		if known.code == name {
			return &known, late
		}
	}
	return nil, false
}

// returnCodeByPrefix is the return code at the beginning of the name of a virtual account number, of payments to it.
func returnCodeByPrefix(name string) *returnCode {
	for _, code := range []string{"R01", "R02"} {
		if len(name) >= len(code) && strings.EqualFold(name[:len(code)], code) {
			found, _ := returnCodeByName(code)
			return found
		}
	}
	return nil
}

// applyReturn changes a bank and its party as the return code demands.
func (st *state) applyReturn(f *fundingSource, code *returnCode) {
	if code.unverifies && f.status == verified && !f.removed {
		f.status = unverified
		st.emit(f.event("unverified"))
	}
	if code.removes && !f.removed {
		st.remove(f)
	}
	k := f.party.customer
	if code.customer == "" || k == nil || k.status == deactivated || k.status == code.customer {
		return
	}
	k.before, k.status = k.status, code.customer
	st.customers.changed()
	st.emit(k.event(code.customer))
}
