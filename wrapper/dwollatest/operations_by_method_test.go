package dwollatest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/dwolla-go/dwolla-go/gen"
	"github.com/dwolla-go/dwolla-go/internal/call"
)

// A caller notes which operation each method of the client calls.
type caller map[string]*call.Op

func (c caller) Call(_ context.Context, req *call.Request, _ any) (*call.Response, error) {
	c[req.Op.Name] = req.Op
	return nil, call.ErrNoClient
}

func TestEveryMethodOfTheClientNamesItsOperation(t *testing.T) {
	server := New(t)
	called := caller{}
	services := reflect.ValueOf(gen.NewServices(called))
	for _, service := range services.Fields() {
		for _, method := range service.Methods() {
			callWithNothing(t, method)
		}
	}
	if len(called) < 83 {
		t.Errorf("%d methods were called", len(called))
	}
	for name, op := range called {
		request := httptest.NewRequestWithContext(t.Context(), op.Method, op.Path, http.NoBody)
		want, err := server.strict.Operation(request)
		if err != nil {
			t.Fatal(err)
		}
		if got := gen.OperationIDOf(name); got != want.ID {
			t.Errorf("%s is %q, want %q", name, got, want.ID)
		}
	}
	if got := gen.OperationIDOf("createTransfer"); got != "" {
		t.Errorf("an operation is taken for a method of %q", got)
	}
}

// callWithNothing calls a method with zero values.
func callWithNothing(t *testing.T, method reflect.Value) {
	t.Helper()
	kind := method.Type()
	if kind.NumIn() == 0 || kind.In(0) != reflect.TypeFor[context.Context]() {
		return
	}
	in := []reflect.Value{reflect.ValueOf(t.Context())}
	for i := 1; i < kind.NumIn()-1; i++ { // without the options
		in = append(in, reflect.Zero(kind.In(i)))
	}
	method.Call(in)
}
