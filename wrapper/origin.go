package dwolla

import (
	"net"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/reference"
)

// maxHref is the length of the longest href that is accepted, in bytes.
const maxHref = 8 << 10

// An origin is the one scheme, host and port that credentials are sent to. URLs are compared parsed: by a prefix of the
// text, https://api.dwolla.com.evil.test and https://api.dwolla.com@evil.test would be Dwolla's.
type origin struct {
	base   *url.URL // without a trailing slash
	dwolla *url.URL // the origin in the links that Dwolla sends; not that of base if there is a gateway
	other  *url.URL // that of the other environment
}

func newOrigin(env api.Environment, base string) (*origin, error) {
	own, err := env.BaseURL()
	if err != nil {
		return nil, &ConfigurationError{Option: "environment", Reason: "unknown", Err: err}
	}
	if base == "" {
		base = own
	}
	o := &origin{dwolla: mustParse(own)}
	for _, e := range []api.Environment{Sandbox, Production} {
		if other, err := e.BaseURL(); err == nil && other != own {
			o.other = mustParse(other)
		}
	}
	o.base, err = url.Parse(strings.TrimRight(base, "/"))
	switch {
	case err != nil || o.base.Host == "" || o.base.Opaque != "":
		return nil, &ConfigurationError{Option: "base URL", Reason: "must be an absolute URL"}
	case o.base.User != nil || strings.ContainsAny(base, "?#"):
		return nil, &ConfigurationError{Option: "base URL", Reason: "must not have a user, a query or a fragment"}
	case o.base.Scheme == "http" && !loopback(o.base.Hostname()), o.base.Scheme != "http" && o.base.Scheme != "https":
		return nil, &ConfigurationError{Option: "base URL", Reason: "must be https, or http on loopback"}
	case strings.HasSuffix(o.base.Hostname(), ".") || strings.ContainsFunc(o.base.Host, nonASCII):
		// DNS reads both as another name, which could be that of the other environment.
		return nil, &ConfigurationError{Option: "base URL", Reason: "must have a host in ASCII without a dot at its end"}
	case !validPort(o.base.Port()):
		return nil, &ConfigurationError{Option: "base URL", Reason: "must have a port from 1 to 65535 without zeros before it"}
	case hasDotSegment(o.base.Path):
		return nil, &ConfigurationError{Option: "base URL", Reason: "must not have dots for a segment of its path"}
	case same(o.base, o.other):
		return nil, &ConfigurationError{Option: "base URL", Reason: "is that of the other environment"}
	}
	return o, nil
}

// mustParse parses one of the two constants of package api.
func mustParse(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		return &url.URL{}
	}
	return u
}

// loopback reports whether a host is this machine, without asking DNS.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// same reports whether two URLs have the same origin.
func same(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if strings.EqualFold(u.Scheme, "http") {
		return "80"
	}
	return "443"
}

// at returns the URL of a path of an operation.
func (o *origin) at(path, query string) *url.URL {
	u := *o.base
	u.Path = o.base.Path + path
	if o.base.RawPath != "" { // an escaped slash stays escaped; ids and templates have nothing to escape
		u.RawPath = o.base.RawPath + path
	}
	u.RawQuery = query
	return &u
}

// resolve turns an href or a path into a URL of the client's own origin, or says why it is none. Links to Dwolla's origin
// lead to the gateway, if there is one. Some of Dwolla's links have http; they become https.
func (o *origin) resolve(href string) (*url.URL, error) {
	u, err := parseHref(href)
	if err != nil {
		return nil, err
	}
	switch {
	case u.Host == "" && u.Scheme == "" && u.User == nil && u.Path != "":
		return o.rebase(u), nil
	case u.Host == "":
		return nil, &LinkError{Kind: ErrMalformedLink, Reason: "neither an absolute URL nor a path"}
	case u.User != nil:
		return nil, &LinkError{Kind: ErrForeignLink, Reason: "it names a user"}
	case same(u, o.base):
		return o.rebase(u), nil
	case same(u, o.dwolla), plainDwolla(u, o.dwolla):
		return o.rebase(u), nil
	case same(u, o.other), plainDwolla(u, o.other):
		return nil, &LinkError{Kind: ErrEnvironment, Reason: "it is never fetched from here"}
	default:
		return nil, &LinkError{Kind: ErrForeignLink, Reason: "another scheme, host or port"}
	}
}

// plainDwolla reports whether u is the http form of Dwolla's own https origin.
func plainDwolla(u, dwolla *url.URL) bool {
	return u.Scheme == "http" && strings.EqualFold(u.Hostname(), dwolla.Hostname()) && port(u) == "80"
}

// rebase returns the URL with the client's own origin, below the path of the base. A gateway may have put its path into the
// links or not; a link of Dwolla's own origin never has it.
func (o *origin) rebase(u *url.URL) *url.URL {
	own := *u
	own.Scheme, own.Host = o.base.Scheme, o.base.Host
	if o.below(u) && (u.Host == "" || same(u, o.base)) {
		return &own
	}
	slash := ""
	if !strings.HasPrefix(u.EscapedPath(), "/") { // %2F begins a segment, not a path
		slash = "/" // relative to the base
	}
	own.Path = o.base.Path + slash + u.Path
	if u.RawPath != "" || o.base.RawPath != "" {
		own.RawPath = o.base.EscapedPath() + slash + u.EscapedPath()
	}
	return &own
}

// below reports whether the path of a URL begins with that of the base.
func (o *origin) below(u *url.URL) bool {
	rest, ok := strings.CutPrefix(u.EscapedPath(), o.base.EscapedPath())
	return ok && (rest == "" || rest[0] == '/')
}

// String returns the base in one spelling, as it is kept in the record of an unknown outcome.
func (o *origin) String() string { return canonicalOrigin(o.base.String()) }

// canonicalOrigin returns a base URL in one spelling; what is no URL, as it is.
func canonicalOrigin(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return base
	}
	return reference.Parse(base).Origin + strings.TrimRight(u.EscapedPath(), "/")
}

// path returns the path of a URL below the base.
func (o *origin) path(u *url.URL) string {
	return strings.TrimPrefix(u.EscapedPath(), o.base.EscapedPath())
}

// parseHref accepts only what every parser reads as the same URL.
func parseHref(href string) (*url.URL, error) {
	bad := func(reason string) error { return &LinkError{Kind: ErrMalformedLink, Reason: reason} }
	if href == "" {
		return nil, &LinkError{Kind: ErrNoLink, Reason: "the href is empty"}
	}
	if len(href) > maxHref {
		return nil, bad("the href is too long")
	}
	for i := range len(href) {
		switch c := href[i]; {
		case c <= ' ' || c == 0x7f:
			return nil, bad("the href has a space or a control character")
		case c == '\\':
			return nil, bad("the href has a backslash")
		case c == '{' || c == '}':
			return nil, &LinkError{Kind: ErrTemplatedLink, Reason: "fill it in first"}
		}
	}
	u, err := url.Parse(href)
	if err != nil {
		return nil, bad("the href is not a URL")
	}
	switch {
	case u.Opaque != "":
		return nil, bad("the href is not hierarchical")
	case strings.ContainsFunc(u.Host, nonASCII):
		// Letters of other scripts look like those of Dwolla's name, and some are equal to them by case folding.
		return nil, &LinkError{Kind: ErrForeignLink, Reason: "the host is not ASCII"}
	case strings.HasPrefix(u.Path, "//"):
		return nil, bad("the path begins with two slashes")
	case hasDotSegment(u.Path):
		return nil, bad("the path has dots for a segment")
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// validPort reports whether a port is one, and written in the only way that same compares, or is not given.
func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0 && port[0] != '0'
}

func nonASCII(r rune) bool { return r >= utf8.RuneSelf }

func hasDotSegment(path string) bool {
	for s := range strings.SplitSeq(path, "/") {
		if s == "." || s == ".." {
			return true
		}
	}
	return false
}

// idLength is the length of a UUID, as nearly every id is one.
const idLength = 36

// expand puts the ids into the path of an operation. Each is an id or an href of the collection before it.
func (o *origin) expand(op, template string, ids []string) (string, error) {
	var path strings.Builder
	path.Grow(len(template) + idLength)
	before := "" // the segment before this one
	for s := range strings.SplitSeq(strings.TrimPrefix(template, "/"), "/") {
		if strings.HasPrefix(s, "{") {
			id, err := o.id(ids[0], before)
			if err != nil {
				return "", &ArgumentError{Op: op, Argument: strings.Trim(s, "{}"), Reason: err.Error()}
			}
			s, ids = id, ids[1:]
		}
		path.WriteString("/")
		path.WriteString(s)
		before = s
	}
	return path.String(), nil
}

// id returns the id that is given as such or as an href of a collection.
func (o *origin) id(value, collection string) (string, error) {
	if value == "" {
		return "", reasonError("is empty")
	}
	if strings.Contains(value, "/") {
		u, err := o.resolve(value)
		if err != nil {
			return "", reasonError("is neither an id nor an href of this API: " + err.Error())
		}
		// A query and a slash at the end name the same resource: gateways add them to a Location.
		var ok bool
		path := strings.TrimRight(o.path(u), "/")
		if path == "/"+collection {
			return "", reasonError("is the href of all the " + collection)
		}
		if value, ok = strings.CutPrefix(path, "/"+collection+"/"); !ok {
			return "", reasonError("is an href, but not of one of the " + collection)
		}
	}
	for i := range len(value) {
		c := value[i]
		if ('a' > c || c > 'z') && ('A' > c || c > 'Z') && ('0' > c || c > '9') && c != '-' && c != '_' {
			return "", reasonError("has a character that no id has")
		}
	}
	if len(value) > 128 {
		return "", reasonError("is too long")
	}
	return value, nil
}
