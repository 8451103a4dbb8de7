package dwollatest

import "testing"

func TestRoutingNumbersHaveADistrictAndAChecksum(t *testing.T) {
	for text, want := range map[string]bool{
		"222222226": true,
		"011000015": true,
		"222222227": false, // checksum
		"132222226": false, // district
		"22222222":  false,
		"22222222x": false,
	} {
		if isRouting(text) != want {
			t.Errorf("%s: got %t", text, !want)
		}
	}
}
