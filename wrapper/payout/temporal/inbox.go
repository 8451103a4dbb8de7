package temporal

import (
	"time"

	"go.temporal.io/sdk/workflow"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// An inbox collects signals until the workflow has time for them.
type inbox struct {
	approve, cancel, resolve, wake workflow.ReceiveChannel
	decisions                      []Order
	woken                          []string
}

func newInbox(ctx workflow.Context) *inbox {
	return &inbox{
		approve: workflow.GetSignalChannel(ctx, SignalApprove),
		cancel:  workflow.GetSignalChannel(ctx, SignalCancel),
		resolve: workflow.GetSignalChannel(ctx, SignalResolve),
		wake:    workflow.GetSignalChannel(ctx, SignalWake),
	}
}

// wait returns after d, or at the next signal; 0 waits for a signal alone.
func (in *inbox) wait(ctx workflow.Context, d time.Duration) error {
	if !in.empty() {
		return nil
	}
	s := workflow.NewSelector(ctx)
	s.AddReceive(in.approve, func(c workflow.ReceiveChannel, _ bool) {
		var total dwolla.Money
		c.Receive(ctx, &total)
		in.decisions = append(in.decisions, Order{Approve: &total})
	})
	s.AddReceive(in.cancel, func(c workflow.ReceiveChannel, _ bool) {
		c.Receive(ctx, nil)
		in.decisions = append(in.decisions, Order{Cancel: true})
	})
	s.AddReceive(in.resolve, func(c workflow.ReceiveChannel, _ bool) {
		var d Decision
		c.Receive(ctx, &d)
		in.decisions = append(in.decisions, Order{Resolve: &d})
	})
	s.AddReceive(in.wake, func(c workflow.ReceiveChannel, _ bool) {
		var massPayment string
		c.Receive(ctx, &massPayment)
		in.woken = append(in.woken, massPayment)
	})
	s.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) {})
	timerCtx, stop := workflow.WithCancel(ctx)
	defer stop()
	if d > 0 {
		s.AddFuture(workflow.NewTimer(timerCtx, d), func(workflow.Future) {})
	}
	s.Select(ctx)
	for s.HasPending() && ctx.Err() == nil && len(in.decisions)+len(in.woken) > 0 {
		s.Select(ctx)
	}
	return ctx.Err()
}

func (in *inbox) empty() bool {
	return len(in.decisions)+len(in.woken) == 0
}

func (in *inbox) takeWoken() []string {
	woken := in.woken
	in.woken = nil
	return woken
}

func (in *inbox) takeDecisions() []Order {
	decisions := in.decisions
	in.decisions = nil
	return decisions
}
