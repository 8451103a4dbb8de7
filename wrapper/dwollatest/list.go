package dwollatest

import "slices"

// A list is a collection in the order of creation. Pages are cut out of slices, so the cost of a page does not depend on
// its offset; the result of a filter is cached until the list changes, so paging through a filtered list filters once.
type list[T any] struct {
	all   []*T
	views map[string][]*T
}

// maxViews is how many filters are cached.
const maxViews = 64

func (l *list[T]) add(v *T) {
	l.all = append(l.all, v)
	l.changed()
}

// changed drops the cached views; it is called when a member that a filter depends on changes.
func (l *list[T]) changed() {
	if len(l.views) > 0 {
		l.views = nil
	}
}

// view returns the members that keep accepts, in order. An empty key stands for no filter.
func (l *list[T]) view(key string, keep func(*T) bool) []*T {
	if key == "" {
		return l.all
	}
	if found, ok := l.views[key]; ok {
		return found
	}
	found := make([]*T, 0)
	for _, v := range l.all {
		if keep(v) {
			found = append(found, v)
		}
	}
	if l.views == nil || len(l.views) >= maxViews {
		l.views = make(map[string][]*T)
	}
	l.views[key] = found
	return found
}

// A sorting is the order in which a list is shown.
type sorting bool

const (
	oldestFirst sorting = false
	newestFirst sorting = true
)

// slicePage returns the members from offset on, at most limit of them, in the given order.
func slicePage[R any](all []R, by sorting, limit, offset int) []R {
	n := len(all)
	if offset >= n {
		return nil
	}
	count := min(limit, n-offset)
	if by == oldestFirst {
		return all[offset : offset+count]
	}
	page := slices.Clone(all[n-offset-count : n-offset])
	slices.Reverse(page)
	return page
}
