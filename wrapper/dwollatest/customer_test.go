package dwollatest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestTheDataOfCustomersIsChecked(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	for _, row := range []struct{ field, value, want string }{
		{"firstName", "", "Required /firstName"},
		{"firstName", strings.Repeat("x", 51), "InvalidFormat /firstName"},
		{"lastName", "<script>", "InvalidFormat /lastName"},
		{"email", "nobody", "InvalidFormat /email"},
		{"address1", "P.O. Box 12", "Invalid /address1"},
		{"city", "Area 51", "InvalidFormat /city"},
		{"state", "Minnesota", "InvalidFormat /state"},
		{"postalCode", "123", "InvalidFormat /postalCode"},
		{"dateOfBirth", "2020-01-01", "Invalid /dateOfBirth"},
		{"dateOfBirth", "1884-01-01", "Invalid /dateOfBirth"},
		{"dateOfBirth", "1990-02-30", "Invalid /dateOfBirth"},
		{"ssn", "12", "InvalidFormat /ssn"},
		{"phone", "+1 555", "InvalidFormat /phone"},
	} {
		in := person("Amara", "a@example.com")
		in[row.field] = row.value
		r.expect(row.field+" "+row.value, r.post("/customers", in).problem(), row.want)
	}
	group := r.all("/business-classifications", "business-classifications")[3]
	in := company("Lind Cycles", "Nils", "a@example.com")
	in["businessClassification"] = group.text("id")
	r.expect("a group of industries", r.post("/customers", in).problem(), "Invalid /businessClassification")
	in["businessClassification"] = group.text("_embedded industry-classifications 0 id")
	r.expect("an industry", r.post("/customers", in).status, http.StatusCreated)
	r.expect("the group", r.get(group.href("self")).text("name"), group.text("name"))
}

func TestCustomersAreFoundAndPaged(t *testing.T) {
	r := newRig(t)
	for i := range 30 {
		r.create("/customers", jsonObject{"firstName": fmt.Sprint("Number ", i), "lastName": "Doe", "email": fmt.Sprintf("n%d@example.com", i)})
	}
	r.create("/customers", person("retry", "r@example.com"))
	first := r.get("/customers?limit=10")
	r.expect("total", first["total"], 31.0)
	r.expect("self", first.href("self"), r.base+"/customers?limit=10")
	r.expect("first", first.href("first"), r.base+"/customers?limit=10&offset=0")
	r.expect("last", first.href("last"), r.base+"/customers?limit=10&offset=30")
	r.expect("next", first.href("next"), r.base+"/customers?limit=10&offset=10")
	r.expect("prev", first.href("prev"), "")
	last := r.get(first.href("last"))
	r.expect("entries", len(last.at("_embedded customers").([]any)), 1)
	r.expect("next", last.href("next"), "")
	r.expect("prev", last.href("prev"), r.base+"/customers?limit=10&offset=20")
	r.expect("default", len(r.get("/customers").at("_embedded customers").([]any)), 25)
	r.expect("self of the first page", r.get("/customers").href("self"), r.base+"/customers")
	r.expect("oldest first", first.text("_embedded customers 0 firstName"), "Number 0")

	r.expect("search", len(r.all("/customers?search=number+1", "customers")), 11)
	page := r.get("/customers?search=number+1&limit=5")
	r.expect("filter in links", page.href("next"), r.base+"/customers?search=number+1&limit=5&offset=5")
	r.expect("email", len(r.all("/customers?email=N7@example.com", "customers")), 1)
	r.expect("state", len(r.all("/customers?status=retry&status=document", "customers")), 1)
	r.post(r.all("/customers?status=retry", "customers")[0].href("self"), jsonObject{"status": "deactivated"})
	r.expect("state afterwards", len(r.all("/customers?status=retry&status=document", "customers")), 0)
}

func person(first, email string) jsonObject {
	return jsonObject{
		"type": "personal", "firstName": first, "lastName": "Okafor", "email": email, "address1": "18 Quarry Road",
		"city": "Duluth", "state": "MN", "postalCode": "55802", "dateOfBirth": "1984-05-17", "ssn": "4821",
	}
}

func company(name, controller, email string) jsonObject {
	return jsonObject{
		"type": "business", "businessType": "llc", "firstName": "Ida", "lastName": "Lind", "email": email,
		"address1": "18 Quarry Road", "city": "Duluth", "state": "MN", "postalCode": "55802", "businessName": name,
		"businessClassification": "5a1c6e0e-2d74-4a6b-8f5a-3d0e9b7c1f22", "ein": "981234567",
		"controller": jsonObject{
			"firstName": controller, "lastName": "Lind", "title": "Director", "dateOfBirth": "1979-04-23", "ssn": "4821",
			"address": address(),
		},
	}
}

func address() jsonObject {
	return jsonObject{
		"address1": "4 Birch Lane", "city": "Duluth", "stateProvinceRegion": "MN", "country": "US", "postalCode": "55803",
	}
}

func TestFault419_AnInvalidEmailOrRoutingNumberHasTheErrorThatDwollaGives(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	const email = `{"_links":{},"code":"InvalidFormat","message":"Email invalid.","path":"/email"}`
	for _, address := range []string{"no-email", "jane@@example.com", "Jane <jane@example.com>"} {
		body := jsonObject{"firstName": "Jane", "lastName": "Doe", "email": address}
		r.wire(address, r.post("/customers", body), http.StatusBadRequest, email, `"code":"ValidationError"`)
	}
	jane := r.AddCustomer(dwollatest.Customer{})
	r.wire("an update", r.post(jane.Href, jsonObject{"email": "no-email"}), http.StatusBadRequest, email)

	const routing = `{"_links":{},"code":"InvalidFormat","message":"Routing number must be exactly 9 characters.","path":"/routingNumber"}`
	bank := jsonObject{"routingNumber": "21000021", "accountNumber": "1234567", "bankAccountType": "checking", "name": "A"}
	for _, target := range []string{jane.Href + "/funding-sources", "/funding-sources"} {
		r.wire("eight digits at "+target, r.post(target, bank), http.StatusBadRequest, routing)
	}
	bank["routingNumber"] = "0210000210"
	r.wire("ten digits", r.post(jane.Href+"/funding-sources", bank), http.StatusBadRequest, routing)
	bank["routingNumber"] = "021000022"
	r.wire("a wrong checksum", r.post(jane.Href+"/funding-sources", bank), http.StatusBadRequest, `"code":"Invalid"`)
	bank["routingNumber"] = "021000021"
	r.create(jane.Href+"/funding-sources", bank)
}

func TestFault421_StatesThatDoNotExistAndPOBoxesAreRefused(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	number := 0
	try := func(member, text string) answer {
		number++
		body := jsonObject{
			"type": "personal", "firstName": "Jane", "lastName": "Doe", "email": fmt.Sprintf("jane-%d@example.com", number),
			"address1": "1 Main St", "city": "Des Moines", "state": "IA", "postalCode": "50309",
			"dateOfBirth": "1990-01-31", "ssn": "1234",
		}
		body[member] = text
		return r.post("/customers", body)
	}
	for _, state := range []string{"ZZ", "XX", "ON", "QC", "UK"} {
		r.wire("state "+state, try("state", state), http.StatusBadRequest, `"code":"Invalid"`, `"path":"/state"`)
	}
	for _, state := range []string{"IA", "DC", "PR", "GU", "VI", "AS", "MP", "AE", "WY"} {
		r.wire("state "+state, try("state", state), http.StatusCreated)
	}
	for _, street := range []string{
		"PO Box 12", "P.O. Box 12", "P O Box 12", "p.o.box 12", "Post Office Box 12", "Postal Box 12", "POB 12", "P.O.B. 12", "P. O. B. #12",
		"PO BOX12", "12 Main St PO Box 3", "12 Main St, P.O. Box 3", "12 Main St Post Office Box 3", "12 Main St POB 3", "P/O Box 7",
	} {
		r.wire(street, try("address1", street), http.StatusBadRequest, `"code":"Invalid"`, `"path":"/address1"`)
	}
	for _, street := range []string{
		"12 Boxwood Lane", "1 Post Office Square", "7 Pobst Street", "4 Po Boxer Way", "9 Postmaster Row", "PMB 12", "12 Box Street", "3 Post Road",
	} {
		r.wire(street, try("address1", street), http.StatusCreated)
	}

	company := r.AddCustomer(dwollatest.Customer{Type: "business"})
	owner := func(address jsonObject) answer {
		return r.post(company.Href+"/beneficial-owners", jsonObject{
			"firstName": "Ada", "lastName": "Roe", "dateOfBirth": "1980-02-03", "ssn": "123-45-6789", "address": address,
		})
	}
	home := jsonObject{"address1": "1 Main St", "city": "Des Moines", "stateProvinceRegion": "ZZ", "country": "US", "postalCode": "50309"}
	r.wire("owner", owner(home), http.StatusBadRequest, `"path":"/address/stateProvinceRegion"`)
	home["stateProvinceRegion"], home["country"] = "ON", "CA"
	r.wire("owner abroad", owner(home), http.StatusCreated)
}
