module github.com/dwolla-go/dwolla-go/wrapper/webhook/examples/chi

go 1.26.0

replace github.com/dwolla-go/dwolla-go => ../../../..

require (
	github.com/dwolla-go/dwolla-go v0.0.0-00010101000000-000000000000
	github.com/go-chi/chi/v5 v5.3.0
)

require golang.org/x/oauth2 v0.37.0 // indirect
