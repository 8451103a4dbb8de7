package payout

import (
	"errors"
	"fmt"
	"time"
)

// This file keeps an index of a batch's chunks, so that a step reads as much with a hundred thousand of them as with a
// hundred. It is written in the same transaction as the chunk, by [record.putChunk] alone.

// The keys of the index.
const (
	keyIndex      = "index"
	prefixDue     = "due/"     // by class, time and number: the number of a chunk that a run has something to do with
	prefixPayment = "payment/" // by the id of a mass payment: the number of its chunk
)

// An index counts the chunks of a batch.
type index struct {
	States   map[State]int `json:"states"`
	Deferred int           `json:"deferred,omitempty"` // of those that are created
	Touched  int           `json:"touched,omitempty"`  // of which something was sent or found
	Found    int           `json:"found,omitempty"`    // of those that are held because something else was found
	Failed   int           `json:"failed,omitempty"`   // rows
	// Clock is the store's time of the last write. A later one that is earlier is of a clock that was set back.
	Clock time.Time `json:"clock"`
}

// clockSlack is how much earlier than the last write a time may be, as clocks of several machines are.
const clockSlack = 10 * time.Second

func (i *index) setBack(now time.Time) bool { return now.Before(i.Clock.Add(-clockSlack)) }

// count adds a chunk, or takes it away.
func (i *index) count(c *Chunk, n int) {
	if i.States == nil {
		i.States = map[State]int{}
	}
	if i.States[c.State] += n; i.States[c.State] == 0 {
		delete(i.States, c.State)
	}
	if c.deferred() {
		i.Deferred += n
	}
	if c.State != StatePlanned || c.Sends > 0 {
		i.Touched += n
	}
	if c.State == StateHeld && c.Hold != nil && len(c.Hold.Candidates) > 0 {
		i.Found += n
	}
	i.Failed += n * c.totals().Failed.Rows
}

// A class is a kind of chunks that a run has something to do with.
type class string

// The classes.
const (
	classUnclear  class = "1unclear/" // the outcome of a request is not known, or it is under way
	classPlanned  class = "2planned/"
	classCreated  class = "3created/"
	classDeferred class = "4deferred/"
)

func (c *Chunk) class() class {
	switch {
	case !c.State.runs():
		return ""
	case c.State == StatePlanned:
		return classPlanned
	case c.deferred():
		return classDeferred
	case c.State == StateCreated:
		return classCreated
	default:
		return classUnclear
	}
}

// dueKey is the key of the index under which the chunk is found when it is due; empty when it never is. Keys sort by time.
func (c *Chunk) dueKey() string {
	of := c.class()
	if of == "" {
		return ""
	}
	at := int64(0)
	if !c.Due.IsZero() {
		at = max(c.Due.UnixNano(), 0)
	}
	return numbered(fmt.Sprintf("%s%s%020d/", prefixDue, of, at), c.Number)
}

// putChunk writes a chunk down, and the index with it.
func (r record) putChunk(c *Chunk) error {
	var was Chunk
	key := numbered(prefixChunk, c.Number)
	known, err := r.get(key, &was)
	if err != nil {
		return err
	}
	i, err := r.index()
	if err != nil {
		return err
	}
	due, before := c.dueKey(), ""
	if known {
		i.count(&was, -1)
		before = was.dueKey()
	}
	i.count(c, 1)
	i.Clock = r.tx.Now().UTC()
	if before != "" && before != due {
		err = r.tx.Delete(before)
	}
	if due != "" && before != due {
		err = errors.Join(err, r.put(due, c.Number))
	}
	if c.MassPayment != "" && c.MassPayment != was.MassPayment {
		err = errors.Join(err, r.put(prefixPayment+massPaymentID(c.MassPayment), c.Number))
	}
	return errors.Join(err, r.put(keyIndex, i), r.put(key, c))
}

// index is the batch's; it is empty before the first chunk.
func (r record) index() (i index, err error) {
	_, err = r.get(keyIndex, &i)
	return i, err
}

// checkIndex compares the index with the chunks.
func (r record) checkIndex(chunks []Chunk) error {
	i, err := r.index()
	if err != nil {
		return err
	}
	for n := range chunks {
		i.count(&chunks[n], -1)
	}
	i.Clock = time.Time{}
	if len(i.States) > 0 || i.Deferred != 0 || i.Touched != 0 || i.Found != 0 || i.Failed != 0 {
		return &CorruptError{Key: keyIndex, Err: errors.New("does not count the chunks")}
	}
	due := map[string]int{}
	err = r.tx.Scan(prefixDue, func(key string, value []byte) error {
		var number int
		err := decodeValue(key, value, &number)
		due[key] = number
		return err
	})
	for n := range chunks {
		if key := chunks[n].dueKey(); key != "" {
			if due[key] != chunks[n].Number {
				return errors.Join(err, &CorruptError{Key: key, Err: errors.New("is missing")})
			}
			delete(due, key)
		}
	}
	for key := range due {
		return errors.Join(err, &CorruptError{Key: key, Err: errors.New("is of no chunk")})
	}
	return err
}

// dueChunks calls visit with some chunks of a class that no worker has, those first that are due first, until it returns
// false.
func (r record) dueChunks(of class, taken map[int]leased, most int, visit func(*Chunk) bool) error {
	enough := errors.New("enough")
	var numbers []int
	err := r.tx.Scan(prefixDue+string(of), func(key string, value []byte) error {
		var number int
		if err := decodeValue(key, value, &number); err != nil {
			return err
		}
		if _, ok := taken[number]; !ok {
			numbers = append(numbers, number)
		}
		if len(numbers) == most {
			return enough
		}
		return nil
	})
	if err != nil && !errors.Is(err, enough) {
		return err
	}
	for _, number := range numbers {
		if c, err := r.chunk(number); err != nil || !visit(&c) {
			return err
		}
	}
	return nil
}

// chunkOf is the one that a mass payment is; nil if it is of another batch, or the chunk has another by now.
func (r record) chunkOf(massPayment string) (*Chunk, error) {
	var number int
	found, err := r.get(prefixPayment+massPayment, &number)
	if err != nil || !found {
		return nil, err
	}
	c, err := r.chunk(number)
	if err != nil || massPaymentID(c.MassPayment) != massPayment {
		return nil, err
	}
	return &c, nil
}

// allDue has every chunk taken up again now: the clock was set back, and the times at which they are due may never come.
func (r record) allDue() error {
	var numbers []int
	err := r.tx.Scan(prefixDue, func(key string, value []byte) error {
		var number int
		err := decodeValue(key, value, &number)
		numbers = append(numbers, number)
		return err
	})
	for _, number := range numbers {
		if err != nil {
			return err
		}
		var c Chunk
		if c, err = r.chunk(number); err == nil {
			c.Due = time.Time{}
			err = r.putChunk(&c)
		}
	}
	i, indexErr := r.index()
	i.Clock = r.tx.Now().UTC()
	return errors.Join(err, indexErr, r.put(keyIndex, i))
}
