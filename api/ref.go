package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
)

// Ref refers to a resource that exists and was not read yet: what a create operation answers with, since Dwolla
// sends only the Location of the new resource.
type Ref[T any] = Reference[*T]

// Reference is what a [Ref] is. P is a pointer to the type of the resource, for the reason that [Relation] gives.
type Reference[P any] struct {
	// Href is the URL of the resource. It is empty when Dwolla did not say it; what was created exists all the same.
	Href string

	id  string
	get func(ctx context.Context, dst any) error
}

// ErrNoLocation says that a resource was created and that Dwolla did not say where it is. Look it up, by its
// correlation id for a payment; do not create it again.
var ErrNoLocation = errors.New("dwolla: created, but the answer does not say where")

// AnyRef is a reference whatever it leads to. It is for the client, which makes one of any type as this one.
type AnyRef struct {
	Href string

	id  string
	get func(ctx context.Context, dst any) error
}

// NewRef makes a reference to the resource of that id at href, which get reads into a pointer to it.
func NewRef(href, id string, get func(ctx context.Context, dst any) error) *AnyRef {
	return &AnyRef{Href: href, id: id, get: get}
}

// ID is the id of the resource; empty when Dwolla did not say it, or named a place that is not its own.
func (r *Reference[P]) ID() string { return r.id }

// Link is the reference as a link.
func (r *Reference[P]) Link() Relation[P] { return Relation[P]{Href: r.Href} }

// Get reads the resource. An error here never means that the resource was not created.
func (r *Reference[P]) Get(ctx context.Context) (P, error) {
	resource, err := (*AnyRef)(r).read(ctx, reflect.TypeFor[P]())
	if err != nil {
		var none P
		return none, err
	}
	return resource.(P), nil
}

// read reads the resource into what a new pointer of that type leads to.
func (r *AnyRef) read(ctx context.Context, pointer reflect.Type) (any, error) {
	if r.Href == "" || r.get == nil {
		return nil, ErrNoLocation
	}
	resource := reflect.New(pointer.Elem()).Interface()
	return resource, r.get(ctx, resource)
}

// String gives the id.
func (r *Reference[P]) String() string { return "dwolla.Ref(" + r.id + ")" }

// Format writes String, whatever the verb.
func (r *Reference[P]) Format(s fmt.State, _ rune) { write(s, r.String()) }

// LogValue logs the id.
func (r *Reference[P]) LogValue() slog.Value { return slog.StringValue(r.String()) }
