package option

import (
	"errors"
	"testing"
)

func TestACallThatIsNotSentSaysSo(t *testing.T) {
	refused := errors.New("refused")
	told := []Response{{StatusCode: 201}}
	hear := func(o *Options) { o.Response = append(o.Response, func(r Response) { told = append(told, r) }) }
	if err := Unsent([]Option{nil, hear, hear}, refused); !errors.Is(err, refused) {
		t.Error(err)
	}
	if len(told) != 3 || told[1].StatusCode != 0 || told[2].StatusCode != 0 {
		t.Errorf("told %+v", told)
	}
}

func TestOneCallOfAWalkHasNoOptionsOfTheWalk(t *testing.T) {
	ahead := 3
	opts := make([]Option, 0, 8)
	opts = append(opts, func(o *Options) { o.PagesAhead, o.Distinct, o.IdempotencyKey = &ahead, true, "k" })
	one := Apply(Single(opts))
	if one.PagesAhead != nil || one.Distinct || one.IdempotencyKey != "k" {
		t.Errorf("%+v", one)
	}
	if all := Apply(opts[:cap(opts)]); all.PagesAhead == nil || !all.Distinct {
		t.Error("the options of the walk are changed")
	}
}
