package payout

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// Options set how a [Runner] works. Zero fields have defaults.
type Options struct {
	// Worker is the runner's name, for whoever reads the leases on record. Default: a random name.
	Worker string
	// Concurrency is how many chunks take a step at once. Default 1: Dwolla answers 429 to concurrent transfers from one
	// balance.
	Concurrency int
	// MaxOpen is how many mass payments may be unfinished at Dwolla before the next one is sent, over all workers.
	// Default: no limit.
	MaxOpen int
	// MaxFailedRows is how many rows of a batch may fail before no further chunk is sent: a run that reaches it ends with a
	// [*StoppedError] that is [ErrTooManyFailed], and goes on with a higher one. Default: a tenth of the rows, but at least
	// 100; negative is no limit.
	MaxFailedRows int
	// SendOthers sends the other chunks of a batch while the outcome of one is unknown or a person has to decide about it.
	// Without it they wait: what hit the one may hit all. They wait in any case while one is held because something else was
	// found ([Hold.Candidates]): another record of the batch may have paid them.
	SendOthers bool
	// AllowShortfall sends a batch although the balance of its source is below the total, which is otherwise a
	// [*StoppedError] that is a [*ShortfallError]. Items fail where the money ends.
	AllowShortfall bool
	// Pace is the shortest time between two mass payments that this runner sends.
	Pace time.Duration
	// Poll is the first wait before a mass payment is read again; it grows by half each time up to MaxPoll. Defaults
	// 2 s and 1 min. See [Runner.Wake] for webhooks.
	Poll, MaxPoll time.Duration
	// Backoff is the first wait after an error; it doubles each time up to MaxBackoff. Defaults 1 s and
	// 5 min, which is how long Dwolla's limit by volume lasts.
	Backoff, MaxBackoff time.Duration
	// Sends is how often a chunk is sent with its one key, each time after a look-up that found nothing. Default 5.
	Sends int
	// Looks and LookSpan are how many look-ups in a row, over how much time, must find nothing before a chunk that cannot
	// be sent again is held for a person. Defaults 5 and 15 min.
	Looks    int
	LookSpan time.Duration
	// SettleTimeout is how long the items of a mass payment are listed again after Dwolla has finished it, until each has a
	// final status; what has none by then is an [*UnsettledRowsError]. Default 72 h.
	SettleTimeout time.Duration
	// IdleTimeout is how long a run goes on without a single success. Default 30 min; negative is no limit.
	IdleTimeout time.Duration
	// Lease is how long a chunk stays reserved for a worker that is not heard of any more; after that another may take it
	// over. A worker renews it while a step goes on, for 10 min at most (or Lease, if that is longer), and ends its request
	// when it cannot. Default 30 s.
	Lease time.Duration
	// Progress is called after every step, and before a chunk is sent: one call at a time.
	Progress func(Event)
}

func (o *Options) setDefaults() error {
	for _, n := range []int{o.Concurrency, o.MaxOpen, o.Sends, o.Looks} {
		if n < 0 {
			return errors.New("payout: an option is negative")
		}
	}
	for _, d := range []time.Duration{o.Pace, o.Poll, o.MaxPoll, o.Backoff, o.MaxBackoff, o.LookSpan, o.SettleTimeout, o.Lease} {
		if d < 0 {
			return errors.New("payout: an option is negative")
		}
	}
	o.Worker = cmp.Or(o.Worker, rand.Text())
	o.Concurrency = cmp.Or(o.Concurrency, 1)
	o.Sends = cmp.Or(o.Sends, 5)
	o.Looks = cmp.Or(o.Looks, 5)
	o.Poll = cmp.Or(o.Poll, 2*time.Second)
	o.MaxPoll = cmp.Or(o.MaxPoll, time.Minute)
	o.Backoff = cmp.Or(o.Backoff, time.Second)
	o.MaxBackoff = cmp.Or(o.MaxBackoff, 5*time.Minute)
	o.LookSpan = cmp.Or(o.LookSpan, 15*time.Minute)
	o.SettleTimeout = cmp.Or(o.SettleTimeout, 72*time.Hour)
	o.IdleTimeout = cmp.Or(o.IdleTimeout, 30*time.Minute)
	o.Lease = cmp.Or(o.Lease, 30*time.Second)
	return nil
}

func (o *Options) maxFailed(b *Batch) int {
	return cmp.Or(o.MaxFailedRows, max(b.Rows/10, 100))
}

// A Runner runs batches. It is safe for concurrent use; several on one store, in one process or many, share
// the work.
type Runner struct {
	store   Store
	gateway Gateway
	opts    Options
	pace    pace
	wake    wakeups
	// progressMu has Options.Progress called for one event at a time.
	progressMu sync.Mutex
}

// NewRunner makes a runner. Nothing is read or sent yet.
func NewRunner(store Store, gateway Gateway, opts Options) (*Runner, error) {
	if store == nil || gateway == nil {
		return nil, errors.New("payout: a runner needs a store and a gateway")
	}
	if err := opts.setDefaults(); err != nil {
		return nil, err
	}
	return &Runner{store: store, gateway: gateway, opts: opts, pace: pace{every: opts.Pace}}, nil
}

// Run works on a batch until every row has a final result, or a deferred batch waits for [Runner.Approve] or a paused one for
// [Runner.Resume] (the summary says so and the error is nil), or chunks are held for a person ([*HeldError]), or Dwolla has
// not said for too long what became of some rows ([*UnsettledRowsError]), or it cannot go on ([*StoppedError]), or the
// context ends. It resumes what an earlier Run left, here or on another machine. A store that cannot be reached
// ([ErrStoreUnavailable]) is tried again for as long as [Options.IdleTimeout]; any other error of it ends the run.
func (r *Runner) Run(ctx context.Context, batch string) (Summary, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	idle := &idleTimeout{limit: r.opts.IdleTimeout, since: time.Now()}
	// Steps read what they need: a record that is damaged anywhere is not paid from.
	if summary, err := Summarize(ctx, r.store, batch); err != nil && !errors.Is(err, ErrStoreUnavailable) {
		return summary, err
	}
	var workers sync.WaitGroup
	for range r.opts.Concurrency {
		workers.Go(func() {
			if err := r.work(ctx, batch, idle); err != nil {
				stop(err)
			}
		})
	}
	workers.Wait()
	// The summary is read even if the context has ended.
	summary, err := Summarize(context.WithoutCancel(ctx), r.store, batch)
	for errors.Is(err, ErrStoreUnavailable) && context.Cause(ctx) == nil {
		if err := idle.check(batch, Step{Err: err}); err != nil {
			return summary, err
		}
		_ = sleep(ctx, r.opts.Backoff, nil) // the context is looked at
		summary, err = Summarize(context.WithoutCancel(ctx), r.store, batch)
	}
	if cause := context.Cause(ctx); cause != nil {
		return summary, cause
	}
	switch {
	case err != nil:
		return summary, err
	case len(summary.Held) > 0:
		return summary, &HeldError{Batch: batch, Chunks: summary.Held}
	default:
		return summary, OpenReport(r.store, batch).Unsettled(context.WithoutCancel(ctx))
	}
}

// work is one worker: it takes steps until none is left.
func (r *Runner) work(ctx context.Context, batch string, idle *idleTimeout) error {
	for {
		woken := r.wake.next()
		step, err := r.Step(ctx, batch)
		if errors.Is(err, ErrStoreUnavailable) {
			step, err = Step{Err: err, Wait: r.opts.Backoff}, nil
		}
		if err != nil {
			return err
		}
		if err := idle.check(batch, step); err != nil {
			return err
		}
		if step.Done {
			return nil
		}
		if step.Chunk != 0 {
			r.wake.wakeAll() // the other workers may have something to do now
		}
		if err := sleep(ctx, step.Wait, woken); err != nil {
			return err
		}
	}
}

// A Step is what one call of [Runner.Step] did, and when to make the next.
type Step struct {
	// Chunk is the one that was worked on; 0 when none was due.
	Chunk int
	// State is its state now.
	State State
	// Err is the error of the step, if any; the chunk is tried again later.
	Err error
	// Wait is the time until a chunk is due.
	Wait time.Duration
	// Done says that no chunk will be due without a person: each is done, held or waits for approval or the end of a pause.
	Done bool
}

// Step takes one chunk of a batch one step further: at most one request that creates something, between two writes to
// the record. Workflow engines call it in place of Run. After an error no further step should be taken.
func (r *Runner) Step(ctx context.Context, batch string) (Step, error) {
	started := time.Now()
	s, wait, err := r.lease(ctx, batch)
	if err != nil {
		return Step{}, err
	}
	if s == nil {
		return Step{Wait: wait, Done: wait == 0}, nil
	}
	if err := s.run(ctx, started); err != nil {
		if errors.Is(err, ErrLeaseLost) {
			return Step{Chunk: s.chunk.Number, State: s.chunk.State, Err: err}, nil
		}
		return Step{}, err
	}
	r.progress(s.event())
	if s.stopped || dwolla.OutcomeOf(s.failure) == dwolla.OutcomeAuthFailed {
		return Step{}, &StoppedError{Batch: batch, Err: s.failure}
	}
	return Step{Chunk: s.chunk.Number, State: s.chunk.State, Err: s.failure}, nil
}

func (r *Runner) progress(e Event) {
	if r.opts.Progress == nil {
		return
	}
	r.progressMu.Lock()
	defer r.progressMu.Unlock()
	r.opts.Progress(e)
}

// An Event is one step of a run, for a progress bar or a log. It has no data of the rows.
type Event struct {
	Batch string
	Chunk int
	Rows  int // of the chunk
	State State
	// Was is the state before the step.
	Was State
	// MassPayment is the URL at Dwolla, once there is one.
	MassPayment string
	// Err is the error of the step, if any; the run goes on.
	Err error
}

// An idleTimeout stops a run that has had no success for a while.
type idleTimeout struct {
	limit time.Duration
	mu    sync.Mutex
	since time.Time // of the last success
}

func (i *idleTimeout) check(batch string, s Step) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case s.Err == nil && s.Chunk != 0:
		i.since = time.Now()
	case s.Err != nil && i.limit > 0 && time.Since(i.since) > i.limit:
		return &StoppedError{Batch: batch, Err: errors.Join(errors.New("nothing succeeded for "+i.limit.String()), s.Err)}
	}
	return nil
}
