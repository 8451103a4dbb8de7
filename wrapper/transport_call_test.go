package dwolla

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// Calls use the memory of earlier ones again, and never that of their results.
func TestAResultIsNotChangedByLaterCalls(t *testing.T) {
	client, err := NewClient(Sandbox, "key", "secret", WithHTTPClient(bareTransport(func(req *http.Request) *http.Response {
		id := strings.TrimPrefix(req.URL.Path, "/customers/")
		return inMemoryAnswer(http.StatusOK, fmt.Sprintf(`{"id":%q,"firstName":%[1]q,"unknown":[%[1]q]}`, id))
	})))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			got := map[string]*Customer{}
			for i := range 200 {
				id := fmt.Sprintf("%d-%s", i, strings.Repeat("x", worker))
				var err error
				if got[id], err = client.Customers.Get(t.Context(), id); err != nil {
					t.Error(err)
					return
				}
			}
			for id, c := range got {
				if c.ID != id || c.FirstName != id || string(c.Extra["unknown"]) != `["`+id+`"]` {
					t.Errorf("%s: %+v", id, c)
				}
			}
		})
	}
	group.Wait()
}
