package dwollatest

import (
	"net/http"
	"strings"
)

// formProfile marks the media type of a HAL-FORMS description.
const formProfile = "https://github.com/dwolla/hal-forms"

// wantsForm reports whether the caller asks for the description of a form instead of the resource.
func wantsForm(header http.Header) bool {
	return strings.Contains(header.Get("Accept"), formProfile)
}

// form describes what can be posted to the resource of the request, when it has a form: the targets of the relations
// edit-form and document-form. The contract has no schema for it.
func (w *world) form(c *call) (reply, bool) {
	var contentType string
	var fields []string
	k := w.customerByID[c.id]
	switch {
	case k == nil:
		return reply{}, false
	case c.operation == "getCustomer" && k.editable():
		contentType = mediaType
		fields = append([]string{"email", "phone", "ipAddress"}, k.editableFields()...)
	case c.operation == "listCustomerDocuments" && k.status == document:
		contentType, fields = "multipart/form-data", []string{"documentType", "file"}
	default:
		return reply{}, false
	}
	properties := make([]object, 0, len(fields))
	for _, name := range fields {
		properties = append(properties, object{"name": name, "type": "text"})
	}
	return reply{status: http.StatusOK, body: object{
		"_links": links{"self": c.hal.form(c.path)},
		"_templates": object{"default": object{
			"title":       "default",
			"method":      http.MethodPost,
			"contentType": contentType,
			"properties":  properties,
		}},
	}}, true
}
