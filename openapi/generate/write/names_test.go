package write

import "testing"

func TestNamesKnowWhatIsWrittenByHand(t *testing.T) {
	n := Names{Written: []string{"TransfersService"}}
	if !n.ByHand("TransfersService") || n.ByHand("EventsService") {
		t.Error("ByHand is wrong")
	}
}
