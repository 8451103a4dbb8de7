package dwollatest

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mediaType is that of all responses of the API.
const mediaType = "application/vnd.dwolla.v1.hal+json"

// links are the relations of a resource.
type links map[string]link

type link struct {
	Href         string `json:"href"`
	Type         string `json:"type,omitempty"`
	ResourceType string `json:"resource-type,omitempty"`
}

// A hal writes resources of a state for one base URL, that by which the server was addressed.
type hal struct {
	base  string
	state *state
}

// A resource is what has a URL of its own.
type resource interface {
	show(h hal) jsonObject
}

// link returns a relation to a path of the API. The resource type is what Dwolla calls the collection, in the singular.
func (h hal) link(path string) link {
	return link{Href: h.base + path, Type: mediaType, ResourceType: resourceType(path)}
}

// halForm returns a relation to a HAL form.
func (h hal) halForm(path string) link {
	out := h.link(path)
	out.Type += `; profile="https://github.com/dwolla/hal-forms"`
	return out
}

// resourceType is the type of what a path leads to: its last segment that is not an id, in the singular.
func resourceType(path string) string {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	name := segments[len(segments)-1]
	if strings.ContainsAny(name, "0123456789") && len(segments) > 1 {
		name = segments[len(segments)-2]
	}
	if name == "micro-deposits" || name == "exchange-sessions" {
		return name // Dwolla has these two in the plural
	}
	if stem, plural := strings.CutSuffix(name, "ies"); plural {
		return stem + "y"
	}
	return strings.TrimSuffix(name, "s")
}

// stamp writes a moment as Dwolla does: UTC with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// paging is the limit and the offset of a list request.
type paging struct{ limit, offset int }

// defaultLimit is the page size where a request names none.
const defaultLimit = 25

// pagingOf reads the two parameters; the contract has checked them before.
func pagingOf(query url.Values) paging {
	p := paging{limit: defaultLimit}
	if n, err := strconv.Atoi(query.Get("limit")); err == nil {
		p.limit = n
	}
	if n, err := strconv.Atoi(query.Get("offset")); err == nil {
		p.offset = n
	}
	return p
}

// page renders one page of a list. Relations that lead nowhere are absent, and first, last, next and prev keep the
// filters of the request.
func page[R resource](req *request, name string, all []R, by sorting) jsonObject {
	p := pagingOf(req.query)
	entries := make([]jsonObject, 0, p.limit)
	for _, v := range slicePage(all, by, p.limit, p.offset) {
		entries = append(entries, v.show(req.hal))
	}
	return jsonObject{
		"_links":    pageLinks(req, p, len(all)),
		"_embedded": jsonObject{name: entries},
		"total":     len(all),
	}
}

func pageLinks(req *request, p paging, total int) links {
	to := func(offset int) link {
		out := req.hal.link(req.path)
		out.Href += "?" + pageQuery(req, p.limit, offset)
		return out
	}
	last := max(0, (total-1)/p.limit*p.limit)
	self := req.hal.link(req.path)
	if len(req.query) > 0 {
		self.Href += "?" + req.query.Encode()
	}
	out := links{"self": self, "first": to(0), "last": to(last)}
	if p.offset+p.limit < total {
		out["next"] = to(p.offset + p.limit)
	}
	if p.offset > 0 {
		out["prev"] = to(max(0, p.offset-p.limit))
	}
	return out
}

func pageQuery(req *request, limit, offset int) string {
	filters := url.Values{}
	for name, values := range req.query {
		if name != "limit" && name != "offset" {
			filters[name] = values
		}
	}
	query := "limit=" + strconv.Itoa(limit) + "&offset=" + strconv.Itoa(offset)
	if len(filters) > 0 {
		query = filters.Encode() + "&" + query
	}
	if strings.HasSuffix(req.path, "/transfers") {
		// Dwolla's own lists of transfers have this stray ampersand.
		query = "&" + query
	}
	return query
}

// collection renders a list that has no pages.
func collection[R resource](req *request, name string, all []R) jsonObject {
	entries := make([]jsonObject, 0, len(all))
	for _, v := range all {
		entries = append(entries, v.show(req.hal))
	}
	return jsonObject{
		"_links":    links{"self": req.hal.link(req.path)},
		"_embedded": jsonObject{name: entries},
		"total":     len(all),
	}
}

// pathOf returns the path of a reference to something of this server, or "" if it leads elsewhere: to another host or to
// another environment. The scheme does not matter, because Dwolla itself mixes the two in its hrefs.
func (st *state) pathOf(href string) string {
	u, err := url.Parse(href)
	switch {
	case err != nil, u.Opaque != "", u.User != nil:
		return ""
	case u.Scheme == "" && u.Host == "":
		return u.Path
	case u.Scheme != "http" && u.Scheme != "https", !st.answersTo(u.Host):
		return ""
	}
	return u.Path
}

// answersTo reports whether the server is called by this host: that of the request, of its listener, or of Dwolla's
// sandbox. Names of loopback are one host.
func (st *state) answersTo(host string) bool {
	same := func(own string) bool { return hostName(own) == hostName(host) }
	return same(sandboxHost) || slices.ContainsFunc(st.hosts, same)
}

func hostName(host string) string {
	host = strings.ToLower(host)
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, ""
	}
	if ip := net.ParseIP(strings.Trim(name, "[]")); name == "localhost" || ip != nil && ip.IsLoopback() {
		name = "localhost"
	}
	if port == "80" || port == "443" {
		port = ""
	}
	return name + ":" + port
}

// idIn returns the id in a reference to a member of a collection, or "" if it leads elsewhere. Ids are compared
// ignoring case because Dwolla's come in any.
func (st *state) idIn(href, collection string) string {
	id, ok := strings.CutPrefix(st.pathOf(href), "/"+collection+"/")
	if !ok || id == "" || strings.Contains(id, "/") {
		return ""
	}
	return strings.ToLower(id)
}
