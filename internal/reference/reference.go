// Package reference compares references to resources. The same resource is named by an id or by one of many hrefs: with
// another origin if there is a gateway, with a query or a slash at the end, with its id in upper case.
package reference

import (
	"net/url"
	"strings"
)

// A Reference is the canonical form of an id or an href. Equal resources of one origin have equal References.
type Reference struct {
	Origin     string // scheme, host and port in lower case; empty for an id and for a path
	Collection string // the segment of the path before the id, such as "funding-sources"; empty for an id
	ID         string // as [ID] returns it; empty for the href of a collection, and for what is no URL
}

// Parse returns the canonical form of an id or an href.
func Parse(s string) Reference {
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" {
		return Reference{}
	}
	r := Reference{Origin: origin(u)}
	path := strings.TrimRight(u.EscapedPath(), "/")
	slash := strings.LastIndexByte(path, '/')
	switch parent := path[:max(slash, 0)]; {
	case slash < 0:
		r.ID = ID(path)
	case parent == "":
		r.Collection = path[1:]
	default:
		r.Collection, r.ID = parent[strings.LastIndexByte(parent, '/')+1:], ID(path[slash+1:])
	}
	return r
}

// Same reports whether two ids or hrefs name the same resource. Their origins are not compared, since a gateway has its
// own, nor is the collection of an id alone. What has no id is the same as nothing.
func Same(a, b string) bool { return Parse(a).Same(Parse(b)) }

// Same reports whether two References are to the same resource, see the function [Same].
func (r Reference) Same(other Reference) bool {
	return r.ID != "" && r.ID == other.ID &&
		(r.Collection == other.Collection || r.Collection == "" || other.Collection == "")
}

// OfAnother reports whether an href is of another resource than a path /collection/id/… is of: it has an id in the same
// collection, and not the same one. An account and a Customer are both owners, of which a resource has one. An href that has
// none of the path's collections tells nothing.
func OfAnother(path, href string) bool {
	u, err := url.Parse(href)
	if err != nil {
		return false
	}
	asked := strings.Split(strings.Trim(path, "/"), "/")
	named := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	for i := 0; i+1 < len(asked); i += 2 {
		for j := 0; j+1 < len(named); j++ {
			same := asked[i] == named[j] || isOwner(asked[i]) && isOwner(named[j])
			if same && ID(asked[i+1]) != ID(named[j+1]) {
				return true
			}
		}
	}
	return false
}

func isOwner(collection string) bool { return collection == "accounts" || collection == "customers" }

// IsOf reports whether an id or href names the resource of r. It parses only what has its id, so that thousands of payments
// are compared with their source without garbage.
func (r Reference) IsOf(s string) bool {
	for i := 0; r.ID != "" && i+len(r.ID) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(r.ID)], r.ID) {
			return Parse(s).Same(r)
		}
	}
	return false
}

// ID returns the form in which ids are compared: a UUID in lower case, any other id as it is.
func ID(id string) string {
	if IsUUID(id) {
		return strings.ToLower(id)
	}
	return id
}

// IsUUID reports whether an id has the form of a UUID, as those of Dwolla have.
func IsUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
			continue
		}
		if ('0' > c || c > '9') && ('a' > c || c > 'f') && ('A' > c || c > 'F') {
			return false
		}
	}
	return true
}

// origin returns the scheme, host and port of a URL, without a port that the scheme implies.
func origin(u *url.URL) string {
	if u.Host == "" {
		return ""
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return scheme + "://" + host
}
