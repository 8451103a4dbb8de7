package dwolla

import (
	"testing"
)

func TestUSDReadsAnAmount(t *testing.T) {
	if got, err := USD("12.50"); err != nil || !got.Equal(USDCents(1250)) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := USD("12,50"); err == nil {
		t.Error("took a comma")
	}
}
