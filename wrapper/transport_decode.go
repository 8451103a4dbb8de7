package dwolla

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/gen"
	"github.com/dwolla-go/dwolla-go/internal/reference"
	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// decode reads an answer of 2xx into dst, unless that is nil. It runs outside of the user's middleware, which may have
// replaced the answer, and in the caller's goroutine: dst is not touched once a call has ended.
func (c *caller) decode(ctx context.Context, p *pendingCall, resp *http.Response, dst any) error {
	data := bodyBytes(resp)
	body := bytes.TrimSpace(data)
	switch {
	case bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff"))), []byte("<")):
		return p.badDocument(resp, errNotAPI, data)
	case !p.safe() && resp.StatusCode != http.StatusAccepted &&
		int64(len(body)) <= c.cfg.limits.ErrorBody && isError(body):
		return p.badDocument(resp, errNotAPI, data)
	case !c.documented(p, resp, body, dst != nil):
		return p.badDocument(resp, errUndocumented, data)
	case dst == nil && c.isOfAnother(p, body):
		return p.badDocument(resp, errAnother, data)
	case dst == nil || slices.Contains(p.op.NoBody, resp.StatusCode) && len(body) == 0:
		return nil
	case resp.StatusCode == http.StatusNoContent || len(body) == 0:
		return p.badDocument(resp, errors.New("the answer has no body"), nil)
	}
	target, any := dst.(anyTarget)
	if !any && isEmptyObject(body) {
		return p.badDocument(resp, errors.New("the answer is an empty object"), nil)
	}
	odd, err := unmarshal(ctx, body, dst, p.opts.Odd != nil)
	if err != nil {
		switch {
		case c.created(p, resp): // whatever the body is
		case body[0] != '{':
			err = errors.Join(errNotAPI, err)
		case p.changesOne() && !p.names(body):
			err = errors.Join(errAnother, err)
		}
		return p.badDocument(resp, err, data)
	}
	model := dst
	if any {
		if _, ok := target.v.(wire.Model); !ok {
			return nil
		}
		model = target.v
	}
	switch {
	case c.isOfAnother(p, body):
		return p.badDocument(resp, errAnother, data)
	case !any && !hasKnown(dst) && (!p.safe() || isUnlike(body, dst)):
		return p.badDocument(resp, errNotAPI, data)
	case p.safe() && hasErrorCode(model):
		return p.badDocument(resp, errNotAPI, data)
	}
	if p.safe() {
		if err := checkList(body, model, odd); err != nil {
			return p.badDocument(resp, err, data)
		}
	}
	if err := p.otherThanAsked(model); err != nil {
		if p.changesOne() {
			err = errors.Join(errAnother, err)
		}
		return p.badDocument(resp, err, data)
	}
	for _, o := range odd {
		if *p.opts.Odd == nil {
			*p.opts.Odd = map[int]error{}
		}
		(*p.opts.Odd)[o.Index] = &EntryError{Index: o.Index, Err: p.badDocument(resp, o.Err, o.Raw), raw: newSecret(string(o.Raw))}
	}
	return nil
}

// asked gives the collection and the id of the one resource that a path /collection/{id} names.
func (p *pendingCall) asked() (collection, id string, ok bool) {
	collection, id, ok = strings.Cut(strings.Trim(p.origin.path(p.url), "/"), "/")
	return collection, id, ok && collection != "" && id != "" && !strings.Contains(id, "/")
}

// changesOne reports whether the request changes the one resource that its path names.
func (p *pendingCall) changesOne() bool {
	_, _, ok := p.asked()
	return ok && !p.safe()
}

// otherThanAsked says that a model is not of the resource that the path names: it has no id, or that of another, there or
// in its link to itself. Of a model that has no id, such as a balance or a list, that link alone tells.
func (p *pendingCall) otherThanAsked(dst any) error {
	collection, asked, ok := p.asked()
	model := reflect.ValueOf(dst).Elem()
	if model.Kind() != reflect.Struct {
		return nil
	}
	if p.safe() && reference.OfAnother(p.origin.path(p.url), selfOf(model)) {
		return errors.New("the answer links to what is of another resource as itself")
	}
	if !ok {
		return nil
	}
	id := model.FieldByName("ID")
	switch {
	case !id.IsValid() || id.Kind() != reflect.String:
		return nil
	case id.String() == "":
		return errors.New("the answer has no id")
	case reference.ID(id.String()) != reference.ID(asked):
		return errors.New("the answer is about another resource")
	}
	if self := reference.Parse(selfOf(model)); self.Collection == collection && self.ID != "" && self.ID != reference.ID(asked) {
		return errors.New("the answer links to another resource as itself")
	}
	return nil
}

// selfOf is the href of a model's link to itself, also of a model that has no such field.
func selfOf(model reflect.Value) string {
	var self struct{ Href string }
	links := model.FieldByName("Links")
	if !links.IsValid() {
		var members struct{ Self json.RawMessage }
		_ = json.Unmarshal(extraOf(model)["_links"], &members)
		_ = json.Unmarshal(members.Self, &self)
		return self.Href
	}
	if links.Kind() != reflect.Struct {
		return ""
	}
	field := links.FieldByName("Self")
	if !field.IsValid() || field.Kind() != reflect.Struct || !field.FieldByName("Href").IsValid() {
		_ = json.Unmarshal(extraOf(links)["self"], &self)
		return self.Href
	}
	return field.FieldByName("Href").String()
}

// extraOf are the members that a model has no fields for.
func extraOf(model reflect.Value) api.Extra {
	field := model.FieldByName("Extra")
	if !field.IsValid() {
		return nil
	}
	extra, _ := field.Interface().(api.Extra)
	return extra
}

// names reports whether a document has the id that was asked for.
func (p *pendingCall) names(body []byte) bool {
	_, asked, _ := p.asked()
	return reference.Same(idOf(body), asked)
}

// idOf is the id of a document; empty where it has none or is none.
func idOf(body []byte) (id string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || json.Unmarshal(members["id"], &id) != nil {
		return ""
	}
	return id
}

// checkList says that a page is not one: it has no list, not even an empty one, and no total that is 0, or an entry of the
// list is null or has no member.
func checkList(body []byte, dst any, odd []wire.OddEntry) error {
	items := reflect.ValueOf(dst).MethodByName("Items")
	if !items.IsValid() {
		return nil
	}
	list := items.Call(nil)[0]
	for i := range list.Len() {
		isOdd := func(o wire.OddEntry) bool { return o.Index == i }
		if list.Index(i).IsZero() && !slices.ContainsFunc(odd, isOdd) {
			return fmt.Errorf("entry %d of the list is null or empty", i)
		}
	}
	var told struct{ Total json.RawMessage }
	if list.IsNil() && (json.Unmarshal(body, &told) != nil || told.Total == nil || string(told.Total) == "null" ||
		reflect.ValueOf(dst).MethodByName("Count").Call(nil)[0].Int() != 0) {
		return errors.New("the answer is a page without its list")
	}
	return nil
}

// hasErrorCode reports whether a model of which a code is no member was read from an error that came as a success: a list
// has no code at all.
func hasErrorCode(dst any) bool {
	model := reflect.ValueOf(dst).Elem()
	if model.Kind() != reflect.Struct {
		return false
	}
	var code string
	if json.Unmarshal(extraOf(model)["code"], &code) != nil || code == "" {
		return false
	}
	return gen.IsErrorCode(Code(code)) || reflect.ValueOf(dst).MethodByName("Items").IsValid()
}

// documented reports whether an answer of 2xx to a call that changes something is one that the contract documents, and to
// any other that it is whole. Where
// there is no contract, as for Client.Post, the answer must have what the API sends: 201, a Location of the API, links, or
// the body that is due.
func (c *caller) documented(p *pendingCall, resp *http.Response, body []byte, due bool) bool {
	switch {
	case p.safe():
		return resp.StatusCode != http.StatusPartialContent
	case len(p.op.Status) > 0:
		return slices.Contains(p.op.Status, resp.StatusCode)
	case p.op.Method == http.MethodDelete:
		return slices.Contains([]int{http.StatusOK, http.StatusAccepted, http.StatusNoContent}, resp.StatusCode)
	case resp.StatusCode == http.StatusOK, resp.StatusCode == http.StatusAccepted:
		_, id := c.origin.location(resp.Header, "")
		return id != "" || due && len(body) > 0 || isResource(body)
	default:
		return resp.StatusCode == http.StatusCreated
	}
}

// created reports whether an answer says where what a request has created is.
func (c *caller) created(p *pendingCall, resp *http.Response) bool {
	_, id := c.origin.location(resp.Header, p.creates())
	return resp.StatusCode == http.StatusCreated && id != "" && p.documents(resp.StatusCode)
}

// isOfAnother reports whether an answer to a request that changes one resource, /x/{id}, has the id of another.
func (c *caller) isOfAnother(p *pendingCall, body []byte) bool {
	if !p.changesOne() || int64(len(body)) > c.cfg.limits.ErrorBody {
		return false
	}
	return idOf(body) != "" && !p.names(body)
}

// isResource reports whether a body is an object with an id or with links.
func isResource(body []byte) bool {
	var r struct {
		ID    json.RawMessage `json:"id"`
		Links json.RawMessage `json:"_links"`
	}
	return json.Unmarshal(body, &r) == nil && (r.ID != nil || r.Links != nil)
}

// unmarshal decodes a body. A type of the user's may decode itself, and panic, exit or block: it is decoded into a copy, so
// that nothing is written once the call has ended. If apart is true, entries of a page that cannot be read are returned.
func unmarshal(ctx context.Context, body []byte, dst any, apart bool) (odd []wire.OddEntry, err error) {
	own := dst
	if target, ok := dst.(anyTarget); ok {
		own = target.v
	}
	to := reflect.ValueOf(own)
	switch own.(type) {
	case wire.Unmarshaler, *any, *map[string]any, *json.RawMessage:
		defer noPanic(&err)
		return nil, wire.Unmarshal(body, dst)
	}
	if to.Kind() != reflect.Pointer || to.IsNil() {
		defer noPanic(&err)
		return nil, wire.Unmarshal(body, dst)
	}
	read := reflect.New(to.Type().Elem())
	read.Elem().Set(to.Elem())
	into := read.Interface()
	if _, ok := dst.(anyTarget); ok {
		into = anyTarget{into}
	}
	body = bytes.Clone(body)
	odd, err = isolate(ctx, func() ([]wire.OddEntry, error) {
		if apart {
			return wire.UnmarshalPage(body, into)
		}
		return nil, wire.Unmarshal(body, into)
	})
	if err == errAbandoned { //nolint:errorlint // that of isolate is not wrapped
		return nil, ended(ctx)
	}
	if err == nil {
		to.Elem().Set(read.Elem())
	}
	return odd, kept(ctx, err, false)
}

// hasKnown reports whether a model that was read has any member but those in Extra.
func hasKnown(dst any) bool {
	model := reflect.ValueOf(dst).Elem()
	if model.Kind() != reflect.Struct {
		return true
	}
	for i := range model.NumField() {
		if model.Type().Field(i).Name != "Extra" && !model.Field(i).IsZero() {
			return true
		}
	}
	return false
}

// isUnlike reports whether no member of a body is one of the model that was read from it, as in what a gateway answers in
// place of the API. An empty list would prove that nothing was paid.
func isUnlike(body []byte, dst any) bool {
	model, ok := dst.(wire.Model)
	var members map[string]json.RawMessage
	if !ok || json.Unmarshal(body, &members) != nil {
		return false
	}
	return !slices.ContainsFunc(model.WireTable().Fields, func(f wire.Field) bool {
		return members[strings.Trim(f.Key, `":`)] != nil || f.Alias != "" && members[f.Alias] != nil
	})
}

// isEmptyObject reports whether a body without space around it is {}, which is valid JSON and no resource.
func isEmptyObject(body []byte) bool {
	return body[0] == '{' && len(bytes.TrimSpace(body[1:])) == 1 && body[len(body)-1] == '}'
}
