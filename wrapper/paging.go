package dwolla

import "github.com/dwolla-go/dwolla-go/internal/call"

// maxPagesAhead bounds WithPagesAhead: more would only be rate limited.
const maxPagesAhead = 32

// WithPagesAhead sets how many pages a walk over a list asks for while the caller works on one: 0 to 32. Default 2.
// With 0 a page is asked for when the one before it is used up. Pages are asked for side by side once the first one
// has shown how many entries a page has; they come in order all the same.
func WithPagesAhead(pages int) CallOption {
	return func(o *call.Options) {
		if pages < 0 || pages > maxPagesAhead {
			o.Err = &ArgumentError{Argument: "WithPagesAhead", Reason: "must be 0 to 32"}
			return
		}
		o.PagesAhead = &pages
	}
}

// WithDistinct lets a walk over a list yield an entry once, by its id, though entries move from page to page when
// others are created meanwhile. It remembers every id.
func WithDistinct() CallOption {
	return func(o *call.Options) { o.Distinct = true }
}
