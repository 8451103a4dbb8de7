package dwollatest

import (
	"slices"
	"strings"
)

// A classification is a group of industries.
type classification struct {
	id         string
	name       string
	industries []industry
}

type industry struct{ id, name string }

// addClassifications makes the catalogue. It has as many groups as Dwolla's, under other names.
func (st *state) addClassifications() {
	groups := []struct {
		name       string
		industries []string
	}{
		{"Agriculture", []string{"Crops", "Livestock"}},
		{"Animals", []string{"Kennels", "Veterinary care"}},
		{"Art", []string{"Galleries", "Supplies for artists"}},
		{"Books", []string{"Bookshops", "Publishers"}},
		{"Building", []string{"Contractors", "Materials"}},
		{"Children", []string{"Day care", "Toys"}},
		{"Clothing", []string{"Accessories", "Tailors"}},
		{"Computers", []string{"Hardware", "Software"}},
		{"Consulting", []string{"Engineering", "Management"}},
		{"Cosmetics", []string{"Perfume", "Salons"}},
		{"Education", []string{"Colleges", "Tutoring"}},
		{"Electronics", []string{"Audio", "Cameras"}},
		{"Energy", []string{"Electricity", "Heating fuel"}},
		{"Entertainment", []string{"Concerts", "Games"}},
		{"Finance", []string{"Accounting", "Lending"}},
		{"Food", []string{"Groceries", "Restaurants"}},
		{"Furniture", []string{"Home", "Office"}},
		{"Government", []string{"Fees", "Taxes"}},
		{"Health", []string{"Clinics", "Pharmacies"}},
		{"Insurance", []string{"Life", "Property"}},
		{"Legal", []string{"Law offices", "Notaries"}},
		{"Non-profit", []string{"Charities", "Clubs"}},
		{"Property", []string{"Management", "Rentals"}},
		{"Services", []string{"Cleaning", "Repairs"}},
		{"Sports", []string{"Bicycles", "Fitness"}},
		{"Travel", []string{"Hotels", "Tours"}},
		{"Vehicles", []string{"Dealers", "Parts"}},
	}
	for _, g := range groups {
		c := &classification{id: st.ids.uuid(), name: g.name}
		for _, name := range g.industries {
			c.industries = append(c.industries, industry{id: st.ids.uuid(), name: name})
		}
		st.classifications = append(st.classifications, c)
	}
}

// isGroup reports whether an id is that of a group, which a business cannot name: it names an industry. Ids that
// are not in this catalogue are accepted, since those of Dwolla's own are not.
func (st *state) isGroup(id string) bool {
	return slices.ContainsFunc(st.classifications, func(c *classification) bool { return strings.EqualFold(c.id, id) })
}

// listBusinessClassifications has no links at all, as documented.
func (st *state) listBusinessClassifications(req *request) (result, error) {
	out := collection(req, "business-classifications", st.classifications)
	out["_links"] = links{}
	return ok(out)
}

// classification finds the group of the path.
func (st *state) classification(req *request) (*classification, error) {
	for _, k := range st.classifications {
		if k.id == req.id {
			return k, nil
		}
	}
	return nil, notFound("Business classification")
}

func (k *classification) show(h hal) jsonObject {
	industries := make([]jsonObject, 0, len(k.industries))
	for _, i := range k.industries {
		industries = append(industries, jsonObject{"id": i.id, "name": i.name})
	}
	return jsonObject{
		"_links":    links{"self": h.link("/business-classifications/" + k.id)},
		"_embedded": jsonObject{"industry-classifications": industries},
		"id":        k.id,
		"name":      k.name,
	}
}
