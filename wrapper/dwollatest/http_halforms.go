package dwollatest

import (
	"net/http"
	"strings"
)

// halFormProfile marks the media type of a HAL form.
const halFormProfile = "https://github.com/dwolla/hal-forms"

// wantsHALForm reports whether the caller asks for the HAL form in place of the resource.
func wantsHALForm(header http.Header) bool {
	return strings.Contains(header.Get("Accept"), halFormProfile)
}

// halForm describes what can be posted to the resource of the request: the targets of the relations edit-form and
// document-form have a form. The contract has no schema for it.
func (st *state) halForm(req *request) (result, bool) {
	var contentType string
	var fields []string
	k := st.customerByID[req.id]
	switch {
	case k == nil:
		return result{}, false
	case req.operation == "getCustomer" && k.editable():
		contentType = mediaType
		fields = append([]string{"email", "phone", "ipAddress"}, k.editableFields()...)
	case req.operation == "listCustomerDocuments" && k.status == document:
		contentType, fields = "multipart/form-data", []string{"documentType", "file"}
	default:
		return result{}, false
	}
	properties := make([]jsonObject, 0, len(fields))
	for _, name := range fields {
		properties = append(properties, jsonObject{"name": name, "type": "text"})
	}
	return result{status: http.StatusOK, body: jsonObject{
		"_links": links{"self": req.hal.halForm(req.path)},
		"_templates": jsonObject{"default": jsonObject{
			"title":       "default",
			"method":      http.MethodPost,
			"contentType": contentType,
			"properties":  properties,
		}},
	}}, true
}
