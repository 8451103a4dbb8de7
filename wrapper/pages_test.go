package dwolla_test

import (
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// idsOf walks customers and joins their ids.
func idsOf(t *testing.T, walk iter.Seq2[dwolla.Customer, error]) string {
	t.Helper()
	var ids []string
	for customer, err := range walk {
		if err != nil {
			t.Errorf("the walk ended after %d entries: %v", len(ids), err)
			break
		}
		ids = append(ids, customer.ID)
	}
	return strings.Join(ids, " ")
}

// customersAt answers for the window that a request asks for, of a list of total customers.
func customersAt(req *http.Request, total int) *http.Response {
	query := req.URL.Query()
	limit, _ := strconv.Atoi(query.Get("limit"))
	offset, _ := strconv.Atoi(query.Get("offset"))
	return customersPage(limit, offset, total)
}

func customersPage(limit, offset, total int) *http.Response {
	var ids []string
	for i := offset; i < min(offset+limit, total); i++ {
		ids = append(ids, fmt.Sprintf(`{"id":"c%d"}`, i))
	}
	next := ""
	if offset+limit < total {
		next = fmt.Sprintf(`"next":{"href":"%s/customers?limit=%d&offset=%d"}`, sandbox, limit, offset+limit)
	}
	return reply(200, fmt.Sprintf(`{"_links":{%s},"_embedded":{"customers":[%s]},"total":%d}`, next, strings.Join(ids, ","), total))
}
