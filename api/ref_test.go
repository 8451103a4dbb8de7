package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/option"
)

// refTo is a reference as the client makes it.
func refTo(href, id string, get func(context.Context, []option.Option, *account) error) *api.Ref[account] {
	return api.NewRef(href, id, get)
}

func TestRefReadsTheResourceThatItRefersTo(t *testing.T) {
	const href = "https://api.dwolla.com/accounts/07d5"
	ref := refTo(href, "07d5", func(_ context.Context, _ []option.Option, dst *account) error {
		dst.Names[0] = "Jane"
		return nil
	})
	read, err := ref.Get(t.Context())
	equal(t, err, nil)
	equal(t, read.Names[0], "Jane")
	equal(t, ref.ID(), "07d5")
	equal(t, ref.Href, href)
	equal(t, ref.Link(), api.LinkTo[account](href))
}

func TestRefThatCannotBeReadGivesNoResource(t *testing.T) {
	failure := errors.New("no")
	get := func(context.Context, []option.Option, *account) error { return failure }
	for name, tt := range map[string]struct {
		ref  *api.Ref[account]
		want error
	}{
		"Dwolla did not say where":  {refTo("", "", get), api.ErrNoLocation},
		"nobody made it":            {&api.Ref[account]{Href: "/accounts/07d5"}, api.ErrStoredRef},
		"the resource is not there": {refTo("/accounts/07d5", "07d5", get), failure},
	} {
		t.Run(name, func(t *testing.T) {
			read, err := tt.ref.Get(t.Context())
			if read != nil || !errors.Is(err, tt.want) {
				t.Errorf("got %v, error %v", read, err)
			}
		})
	}
}

func TestRefShowsTheIDAlone(t *testing.T) {
	ref := refTo("https://api.dwolla.com/accounts/07d5?token=secret", "07d5", nil)
	for _, text := range formatted(ref) {
		equal(t, text, "dwolla.Ref(07d5)")
	}
	equal(t, logged(ref), `{"v":"dwolla.Ref(07d5)"}`+"\n")
}

func TestFault191_AStoredReferenceSaysWhatItRefersTo(t *testing.T) {
	made := refTo("https://api.dwolla.com/accounts/07d5", "07d5", func(context.Context, []option.Option, *account) error { return nil })
	stored, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	var ref api.Ref[account]
	if err := json.Unmarshal(stored, &ref); err != nil {
		t.Fatal(err)
	}
	equal(t, ref.Href, made.Href)
	equal(t, ref.ID(), "07d5")
	equal(t, ref.String(), "dwolla.Ref(07d5)")
	told := false
	read, err := ref.Get(t.Context(), func(o *option.Options) { o.Response = append(o.Response, func(option.Response) { told = true }) })
	if read != nil || !errors.Is(err, api.ErrStoredRef) || errors.Is(err, api.ErrNoLocation) || !told {
		t.Errorf("got %v, error %v, told %v", read, err, told)
	}
	other := refTo("https://evil.test/accounts/07d5", "", func(context.Context, []option.Option, *account) error { return nil })
	equal(t, other.ID(), "")
}

func TestFault256_ANilReferenceRefersToNothing(t *testing.T) {
	var ref *api.Ref[account]
	equal(t, ref.ID(), "")
	equal(t, ref.Link(), api.Link[account]{})
	equal(t, ref.String(), "dwolla.Ref()")
	equal(t, ref.LogValue().String(), "dwolla.Ref()")
	if read, err := ref.Get(t.Context()); read != nil || !errors.Is(err, api.ErrStoredRef) {
		t.Errorf("got %v, error %v", read, err)
	}
}
