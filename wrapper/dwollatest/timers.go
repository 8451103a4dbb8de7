package dwollatest

import (
	"container/heap"
	"time"
)

// timers are what happens by itself: the next item of a mass payment, the next attempt of a webhook.
type timers struct {
	heap  timerHeap
	count uint64
}

type timer struct {
	at  time.Time
	seq uint64
	run func()
}

// add sets a timer. Timers of the same time run in the order in which they were set.
func (t *timers) add(at time.Time, run func()) {
	t.count++
	heap.Push(&t.heap, timer{at: at, seq: t.count, run: run})
}

// next returns the time of the first timer.
func (t *timers) next() (time.Time, bool) {
	if len(t.heap) == 0 {
		return time.Time{}, false
	}
	return t.heap[0].at, true
}

func (t *timers) pop() timer { return heap.Pop(&t.heap).(timer) }

// A timerHeap implements heap.Interface.
type timerHeap []timer

func (h timerHeap) Len() int      { return len(h) }
func (h timerHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *timerHeap) Push(v any)   { *h = append(*h, v.(timer)) }

func (h timerHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].seq < h[j].seq
	}
	return h[i].at.Before(h[j].at)
}

func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	out := (*h)[last]
	(*h)[last] = timer{}
	*h = (*h)[:last]
	return out
}
