module github.com/dwolla-go/dwolla-go/wrapper/webhook/examples/chi

go 1.26.0

replace github.com/dwolla-go/dwolla-go => ../../../..

require (
	github.com/dwolla-go/dwolla-go v0.0.0-00010101000000-000000000000
	github.com/go-chi/chi/v5 v5.3.0
)

require (
	github.com/apapsch/go-jsonmerge/v2 v2.0.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/oapi-codegen/runtime v1.8.0 // indirect
	golang.org/x/oauth2 v0.37.0 // indirect
)
