package call

import "testing"

func TestApplyLeavesOutNilOptions(t *testing.T) {
	o := Apply([]Option{nil, func(o *Options) { o.Distinct = true }, nil})
	if !o.Distinct {
		t.Error("the option was not applied")
	}
}
