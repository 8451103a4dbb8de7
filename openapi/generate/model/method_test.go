package model

import "testing"

func TestMethods(t *testing.T) {
	c := client(t)
	for method, want := range map[string][3]string{ // parameters, results, request
		"List": {
			"ctx context.Context, params ListBoatsParams, opts ...call.Option", "(*BoatPage, error)",
			"&call.Request{Op: &opBoatsList, Query: params, Options: opts}",
		},
		"Create": {
			"ctx context.Context, body Boat, opts ...call.Option", "(*api.Ref[Boat], error)",
			"&call.Request{Op: &opBoatsCreate, Body: &body, Options: opts}",
		},
		"Update": {
			"ctx context.Context, id string, body Change, opts ...call.Option", "(*Names, error)",
			"&call.Request{Op: &opBoatsUpdate, IDs: call.IDs{id}, Body: body, Options: opts}",
		},
		"Delete": {
			"ctx context.Context, id string, opts ...call.Option", "error",
			"&call.Request{Op: &opBoatsDelete, IDs: call.IDs{id}, Body: &Sink{}, Options: opts}",
		},
	} {
		op := operationOf(t, c, method)
		if got := [3]string{op.Args(), op.Returns(), op.Request()}; got != want {
			t.Errorf("%s:\n%q, want\n%q", method, got, want)
		}
	}
}
