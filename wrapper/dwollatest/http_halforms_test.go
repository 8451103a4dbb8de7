package dwollatest_test

import (
	"net/http"
	"slices"
	"testing"
)

func TestFormsAreDescribedOnRequest(t *testing.T) {
	r := newRig(t)
	k := r.get(r.create("/customers", person("document", "a@example.com")))
	if slices.Contains(k.rels(), "edit-form") {
		t.Error("the data can be edited")
	}
	accept := halJSON + `; profile="https://github.com/dwolla/hal-forms"`
	form := r.call(http.MethodGet, k.href("document-form"), nil, "Accept", accept)
	r.expect("content type", form.body.text("_templates default contentType"), "multipart/form-data")
}
