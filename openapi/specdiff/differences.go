package main

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// differences are the facts that are known to be in only one of the two documents.
type differences struct{ ours, theirs []*regexp.Regexp }

// readDifferences reads a list of differences, by default differences.txt. A line has "ours" or "theirs", a fact in which
// * matches any text, and after " # " the reason. A fact includes everything below it.
func readDifferences(file string) (*differences, error) {
	text := reviewed
	if file != "" {
		data, err := os.ReadFile(file) //nolint:gosec // the maintainer names it
		if err != nil {
			return nil, err
		}
		text = string(data)
	}
	d := &differences{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), " # ")
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		side, fact, _ := strings.Cut(line, " ")
		fact = strings.TrimSpace(fact)
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(fact), `\*`, ".*") + "$")
		switch {
		case side == "ours" && fact != "":
			d.ours = append(d.ours, pattern)
		case side == "theirs" && fact != "":
			d.theirs = append(d.theirs, pattern)
		default:
			return nil, fmt.Errorf("differences, line %d: want ours or theirs and a fact: %s", n, line)
		}
	}
	return d, lines.Err()
}

func known(patterns []*regexp.Regexp, fact string) bool {
	return slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(fact) })
}

// remove deletes from both documents the known differences, and what only one of them specifies. What is left are the
// findings.
func (d *differences) remove(ours, theirs api) {
	removeKnown(d, ours, theirs, endpoint.String)
	for at, our := range ours {
		if their := theirs[at]; their != nil {
			d.operation(at.String(), our, their)
		}
	}
}

// removeKnown deletes from each side the known facts that the other side does not have.
func removeKnown[M ~map[K]V, K comparable, V any](d *differences, ours, theirs M, fact func(K) string) {
	both := maps.Clone(ours)
	maps.DeleteFunc(both, func(key K, _ V) bool { _, ok := theirs[key]; return !ok })
	drop := func(patterns []*regexp.Regexp) func(K, V) bool {
		return func(key K, _ V) bool {
			_, ok := both[key]
			return !ok && known(patterns, fact(key))
		}
	}
	maps.DeleteFunc(ours, drop(d.ours))
	maps.DeleteFunc(theirs, drop(d.theirs))
}

func (d *differences) operation(at string, ours, theirs *operation) {
	param := func(name string) string { return at + " | " + name }
	removeKnown(d, ours.params, theirs.params, param)
	for name, our := range ours.params {
		if their := theirs.params[name]; their != nil {
			d.shape(param(name), our.shape, their.shape)
			our.required = our.required && their.required
			their.required = their.required && (our.required || !known(d.theirs, param(name)+" required"))
		}
	}

	body := func(kind string) string { return at + " | body " + kind }
	removeKnown(d, ours.bodies, theirs.bodies, body)
	for kind, our := range ours.bodies {
		if their := theirs.bodies[kind]; their != nil {
			d.shape(at+" | body", our, their)
		}
	}

	status := func(status string) string { return at + " | " + status }
	for code := range ours.answers {
		// The contract lists all errors of every operation, the published document only some.
		if theirs.answers[code] == nil && !isSuccess(code) {
			delete(ours.answers, code)
		}
	}
	removeKnown(d, ours.answers, theirs.answers, status)
	for code, our := range ours.answers {
		if their := theirs.answers[code]; their != nil {
			d.answer(status(code), our, their)
		}
	}
}

func (d *differences) answer(at string, ours, theirs *answer) {
	header := func(name string) string { return at + " header " + name }
	removeKnown(d, ours.headers, theirs.headers, header)
	switch {
	case ours.body != nil && theirs.body != nil:
		d.shape(at, ours.body, theirs.body)
		dropRequirements(ours.body) // a client must accept an answer without a member in any case
		dropRequirements(theirs.body)
	case known(d.ours, at+" body"):
		ours.body = nil
	case known(d.theirs, at+" body"):
		theirs.body = nil
	}
}

// shape removes the known differences of two trees of members. at is the fact for the whole tree: "POST /things | body"
// has the member "POST /things | body name", which has the member "POST /things | body name/inner".
func (d *differences) shape(at string, ours, theirs *shape) {
	if len(ours.types) == 0 || len(theirs.types) == 0 {
		*ours = *theirs // one side does not specify it
		return
	}
	if !slices.Equal(ours.types, theirs.types) && (known(d.ours, at+" type") || known(d.theirs, at+" type")) {
		ours.types = theirs.types
	}
	d.enum(at, ours, theirs)
	d.members(at, ours, theirs)
	if ours.items == nil || theirs.items == nil {
		ours.items, theirs.items = nil, nil
		return
	}
	d.shape(at+"[]", ours.items, theirs.items)
}

func (d *differences) members(at string, ours, theirs *shape) {
	// If one side allows other members too, the members that only the other side names are no difference.
	if theirs.rest {
		keepCommon(ours.members, theirs.members)
	}
	if ours.rest {
		keepCommon(theirs.members, ours.members)
	}
	fact := func(name string) string { return below(at, name) }
	removeKnown(d, ours.members, theirs.members, fact)
	for name, our := range ours.members {
		if their := theirs.members[name]; their != nil {
			d.shape(fact(name), our, their)
		}
	}
	// The published document often forgets to require a member, and a client that sends it anyway does no harm. So only
	// newly required members are left.
	maps.DeleteFunc(ours.required, func(name string, _ bool) bool { return !theirs.required[name] })
	maps.DeleteFunc(theirs.required, func(name string, _ bool) bool {
		return !ours.required[name] && known(d.theirs, fact(name)+" required")
	})
}

func below(at, name string) string {
	_, location, _ := strings.Cut(at, " | ")
	if strings.ContainsAny(location, " ") || strings.HasSuffix(location, "]") {
		return at + "/" + name
	}
	return at + " " + name
}

// enum removes the known differences of values. The contract may list values that the published document does not.
func (d *differences) enum(at string, ours, theirs *shape) {
	if len(theirs.enum) == 0 {
		ours.enum = nil
		return
	}
	value := func(v string) string { return at + " = " + v }
	ours.enum = slices.DeleteFunc(ours.enum, func(v string) bool {
		return !slices.Contains(theirs.enum, v) && known(d.ours, value(v))
	})
	theirs.enum = slices.DeleteFunc(theirs.enum, func(v string) bool {
		return !slices.Contains(ours.enum, v) && known(d.theirs, value(v))
	})
}

func keepCommon(members, other map[string]*shape) {
	for name := range members {
		if other[name] == nil {
			delete(members, name)
		}
	}
}

func dropRequirements(s *shape) {
	if s == nil {
		return
	}
	s.required = nil
	for _, m := range s.members {
		dropRequirements(m)
	}
	dropRequirements(s.items)
}
