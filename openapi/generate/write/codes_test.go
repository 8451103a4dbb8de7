package write

import "testing"

func TestTheCodesAreThoseOfPackageAPI(t *testing.T) {
	codes, err := Codes("../../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(codes) < 20 || codes[0].Name == "" || codes[0].Doc == "" {
		t.Errorf("%d codes, first %+v", len(codes), codes[0])
	}
	if _, err := Codes(t.TempDir()); err == nil {
		t.Error("a folder without the package is no error")
	}
}

func TestNamesKnowWhatIsWrittenByHand(t *testing.T) {
	n := Names{Written: []string{"TransfersService"}}
	if !n.ByHand("TransfersService") || n.ByHand("EventsService") {
		t.Error("ByHand is wrong")
	}
}
