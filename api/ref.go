package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/dwolla-go/dwolla-go/internal/option"
)

// Ref refers to a resource that exists and was not read yet: what a create operation answers with, since Dwolla
// sends only the Location of the new resource.
type Ref[T any] struct {
	// Href is the URL of the resource. It is empty when Dwolla did not say it; what was created exists all the same.
	Href string

	id  string
	get func(ctx context.Context, opts []option.Option, dst *T) error // nil unless a client made the reference
}

// ErrNoLocation reports that a resource was created and that Dwolla did not say where it is. Look it up, by its
// correlation id for a payment; do not create it again.
var ErrNoLocation = errors.New("dwolla: created, but the answer does not say where")

// ErrStoredRef reports that a reference has no client to read the resource with: it was stored and read back, or made
// by hand. Follow its Link in place of it.
var ErrStoredRef = errors.New("dwolla: the reference was not made by a client: follow its link")

// NewRef returns a reference to the resource of that id at href, which get reads. It is for the client.
func NewRef[T any](href, id string, get func(ctx context.Context, opts []option.Option, dst *T) error) *Ref[T] {
	return &Ref[T]{Href: href, id: id, get: get}
}

// ID is the id of the resource; empty when Dwolla did not say it, or the Location is of another
// origin or of another kind of resource.
func (r *Ref[T]) ID() string {
	if r == nil {
		return ""
	}
	if r.get == nil && r.id == "" {
		return r.Link().ID() // of a stored reference
	}
	return r.id
}

// Link is the reference as a link.
func (r *Ref[T]) Link() Link[T] {
	if r == nil {
		return Link[T]{}
	}
	return Link[T]{Href: r.Href}
}

// Get reads the resource. An error here never means that the resource was not created. The options are those of this
// call alone; it has none of those that the resource was created with.
func (r *Ref[T]) Get(ctx context.Context, opts ...option.Option) (*T, error) {
	if r == nil {
		return nil, option.Unsent(opts, ErrStoredRef)
	}
	if r.Href == "" {
		return nil, option.Unsent(opts, ErrNoLocation)
	}
	if r.get == nil {
		return nil, option.Unsent(opts, ErrStoredRef)
	}
	resource := new(T)
	if err := r.get(ctx, opts, resource); err != nil {
		return nil, err
	}
	return resource, nil
}

// String gives the id.
func (r *Ref[T]) String() string { return "dwolla.Ref(" + r.ID() + ")" }

// Format writes String, whatever the verb.
func (r *Ref[T]) Format(s fmt.State, _ rune) { write(s, r.String()) }

// LogValue logs the id.
func (r *Ref[T]) LogValue() slog.Value { return slog.StringValue(r.String()) }
