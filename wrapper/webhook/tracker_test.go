package webhook

import "testing"

func TestATrackerIsIdleOnceItIsClosedAndEverythingHasEnded(t *testing.T) {
	tracker := newTracker()
	if !tracker.begin() {
		t.Fatal("a new tracker refused")
	}
	idle := tracker.close()
	if tracker.begin() {
		t.Error("a closed tracker accepted an event")
	}
	tracker.add() // continues the first
	for range 2 {
		select {
		case <-idle:
			t.Fatal("idle while something is in progress")
		default:
		}
		tracker.end()
	}
	<-idle
	<-tracker.close() // a second time
}
