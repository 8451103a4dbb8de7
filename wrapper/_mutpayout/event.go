package payout

// An Event is one step of a run, for a progress bar or a log. It holds nothing of the rows.
type Event struct {
	Batch string
	Chunk int
	Rows  int // of the chunk
	State State
	// Was is the state before the step.
	Was State
	// MassPayment is the URL at Dwolla, once there is one.
	MassPayment string
	// Err is what went wrong in the step, if anything did; the run goes on.
	Err error
}
