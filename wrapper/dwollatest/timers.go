package dwollatest

import (
	"container/heap"
	"time"
)

// agenda is what will happen by itself: the next item of a mass payment, the next try of a webhook.
type agenda struct {
	entries entries
	count   uint64
}

type entry struct {
	at  time.Time
	seq uint64
	run func()
}

// add plans run for a moment. Entries of the same moment run in the order of their planning.
func (a *agenda) add(at time.Time, run func()) {
	a.count++
	heap.Push(&a.entries, entry{at: at, seq: a.count, run: run})
}

// next returns the moment of the first entry.
func (a *agenda) next() (time.Time, bool) {
	if len(a.entries) == 0 {
		return time.Time{}, false
	}
	return a.entries[0].at, true
}

func (a *agenda) pop() entry { return heap.Pop(&a.entries).(entry) }

// entries implements heap.Interface.
type entries []entry

func (e entries) Len() int      { return len(e) }
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *entries) Push(v any)   { *e = append(*e, v.(entry)) }

func (e entries) Less(i, j int) bool {
	if e[i].at.Equal(e[j].at) {
		return e[i].seq < e[j].seq
	}
	return e[i].at.Before(e[j].at)
}

func (e *entries) Pop() any {
	last := len(*e) - 1
	out := (*e)[last]
	(*e)[last] = entry{}
	*e = (*e)[:last]
	return out
}
