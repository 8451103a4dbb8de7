package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// Ref refers to a resource that exists and was not read yet: what a create operation answers with, since Dwolla
// sends only the Location of the new resource.
type Ref[T any] struct {
	// Href is the URL of the resource. It is empty when Dwolla did not say it; what was created exists all the same.
	Href string

	id  string
	get func(ctx context.Context, dst *T) error
}

// ErrNoLocation reports that a resource was created and that Dwolla did not say where it is. Look it up, by its
// correlation id for a payment; do not create it again.
var ErrNoLocation = errors.New("dwolla: created, but the answer does not say where")

// NewRef returns a reference to the resource of that id at href, which get reads. It is for the client.
func NewRef[T any](href, id string, get func(ctx context.Context, dst *T) error) *Ref[T] {
	return &Ref[T]{Href: href, id: id, get: get}
}

// ID is the id of the resource; empty when Dwolla did not say it or the Location is of another origin.
func (r *Ref[T]) ID() string { return r.id }

// Link is the reference as a link.
func (r *Ref[T]) Link() Link[T] { return Link[T]{Href: r.Href} }

// Get reads the resource. An error here never means that the resource was not created.
func (r *Ref[T]) Get(ctx context.Context) (*T, error) {
	if r.Href == "" || r.get == nil {
		return nil, ErrNoLocation
	}
	resource := new(T)
	if err := r.get(ctx, resource); err != nil {
		return nil, err
	}
	return resource, nil
}

// String gives the id.
func (r *Ref[T]) String() string { return "dwolla.Ref(" + r.id + ")" }

// Format writes String, whatever the verb.
func (r *Ref[T]) Format(s fmt.State, _ rune) { write(s, r.String()) }

// LogValue logs the id.
func (r *Ref[T]) LogValue() slog.Value { return slog.StringValue(r.String()) }
