package dwolla

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"slices"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/paging"
)

// readLimit is how long the methods of an error may take.
const readLimit = 250 * time.Millisecond

// maxNodes is how many errors one may wrap. One that wraps itself has no end.
const maxNodes = 64

// A foreignError is what is kept of an error that code of the user's returned, whose methods may panic, exit or block. It was
// read once, in isolation; from then on, only errors.Is and errors.As for what is not of this package call its methods.
type foreignError struct {
	text   string
	nodes  []error  // the error and what it wraps, the outermost first
	texts  []string // of the nodes
	hidden bool     // of this package, it is no error: that would be about another call
}

// ownError reports whether an error is one of this package's, which holds nothing foreign.
func ownError(err error) bool {
	if slices.Contains([]error{nil, errExited, errAbandoned, errNoAnswer, errFollowed, errMoved, errNoToken}, err) {
		return true
	}
	switch err := err.(type) { //nolint:errorlint // a foreign error is not unwrapped here
	case *panicError:
		return err != nil
	case tooLargeError:
		return true
	}
	return false
}

// kept returns what is kept of an error. With bare, for one of a transport, the URL that net/http adds to it is left out: it
// may hold ids, and the password of a proxy.
func kept(ctx context.Context, err error, bare bool) error {
	if ownError(err) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readLimit)
	defer cancel()
	read, failed := isolate(ctx, func() (error, error) { return read(err, bare), nil })
	if failed != nil {
		return &foreignError{text: fmt.Sprintf("%T, whose text cannot be read", err)}
	}
	return read
}

// read reads an error. It is run in isolation.
func read(err error, bare bool) error {
	nodes := flatten(nil, err)
	for bare {
		i := slices.IndexFunc(nodes, func(n error) bool { _, ok := n.(*url.Error); return ok }) //nolint:errorlint // nodes are unwrapped already
		if i < 0 || len(nodes) >= maxNodes {
			break
		}
		err = nodes[i].(*url.Error).Err //nolint:errorlint,forcetypeassert // a node is itself
		nodes = flatten(nil, err)
	}
	if err != nil && ownError(err) {
		return err
	}
	e := &foreignError{hidden: bare, nodes: nodes, texts: make([]string, len(nodes))}
	for i, n := range nodes {
		e.texts[i] = withoutUserinfo(n.Error())
	}
	switch {
	case len(nodes) == 0:
		e.text = fmt.Sprintf("%T(nil)", err)
	case bare:
		e.text = e.texts[0]
	default:
		e.text = err.Error()
	}
	return e
}

// flatten adds an error and what it wraps. A nil pointer is none.
func flatten(nodes []error, err error) []error {
	if v := reflect.ValueOf(err); err == nil || v.Kind() == reflect.Pointer && v.IsNil() || len(nodes) >= maxNodes {
		return nodes
	}
	nodes = append(nodes, err)
	switch err := err.(type) { //nolint:errorlint // this is how errors.Is walks
	case interface{ Unwrap() error }:
		return flatten(nodes, err.Unwrap())
	case interface{ Unwrap() []error }:
		for _, wrapped := range err.Unwrap() {
			nodes = flatten(nodes, wrapped)
		}
	}
	return nodes
}

func (e *foreignError) Error() string { return oneLine(e.text) }

// Format writes the error's text for every verb.
func (e *foreignError) Format(s fmt.State, _ rune) { write(s, e.Error()) }

// Is reports whether one of the errors is the target. Of a kind or a code, only those of this package can be.
func (e *foreignError) Is(target error) bool {
	_, isKind := target.(Kind)
	_, isCode := target.(Code)
	if e.hidden && isOurTarget(target) {
		return false
	}
	comparable := reflect.TypeOf(target).Comparable()
	return slices.ContainsFunc(e.nodes, func(n error) bool {
		if comparable && n == target {
			return true
		}
		is, ok := n.(interface{ Is(error) bool })
		if !ok || (isKind || isCode) && !isOurs(n) {
			return false
		}
		var found bool
		var ignored error
		func() {
			defer noPanic(&ignored)
			found = is.Is(target)
		}()
		return found
	})
}

// As finds the first of the errors that fits. What this package looks for is found by its type alone.
func (e *foreignError) As(target any) bool {
	if e.hidden && isOurType(target) {
		return false
	}
	to := reflect.ValueOf(target).Elem()
	for _, n := range e.nodes {
		if reflect.TypeOf(n).AssignableTo(to.Type()) {
			to.Set(reflect.ValueOf(n))
			return true
		}
		as, ok := n.(interface{ As(any) bool })
		if !ok || lookedFor(target) && !isOurs(n) {
			continue
		}
		var found bool
		var ignored error
		func() {
			defer noPanic(&ignored)
			found = as.As(target)
		}()
		if found {
			return true
		}
	}
	return false
}

// isOurTarget reports whether errors.Is looks for a kind, a code or another error of this package.
func isOurTarget(target error) bool {
	switch target.(type) { //nolint:errorlint // a target is itself
	case Kind, Code:
		return true
	}
	return slices.Contains([]error{
		ErrNoClient, ErrPagingLoop, ErrIncompleteList, paging.ErrNoList, ErrListWindow, ErrNoLocation, ErrStoredRef,
		errNotAPI, errUndocumented, errAnother,
	}, target)
}

// isOurType reports whether errors.As looks for a type of this package.
func isOurType(target any) bool {
	to := reflect.TypeOf(target).Elem()
	if to.Kind() == reflect.Pointer {
		to = to.Elem()
	}
	return to.PkgPath() == reflect.TypeFor[Error]().PkgPath() || to == reflect.TypeFor[Code]()
}

// isOurs reports whether the methods of an error are of this package.
func isOurs(err error) bool {
	switch err.(type) { //nolint:errorlint // an error is itself
	case Kind, Code, *Error, *ArgumentError, *LinkError, *ConfigurationError, *OutcomeUnknownError, *hiddenKindsError, *foreignError, *maskedError, tooLargeError:
		return true
	}
	return false
}

// lookedFor reports whether this package looks for errors of a type.
func lookedFor(target any) bool {
	switch target.(type) {
	case **Error, **ArgumentError, **LinkError, **OutcomeUnknownError, **ReconcileError, **EntryError, **hiddenKindsError, **foreignError, **panicError, *tooLargeError, **url.Error, **net.OpError, **net.DNSError, **tls.CertificateVerificationError:
		return true
	}
	return false
}

// causes returns the texts of an error and of what it wraps, the outermost first.
func causes(err error) []string {
	if e, ok := err.(*foreignError); ok { //nolint:errorlint // one that is wrapped has a text in another
		return e.texts
	}
	var texts []string
	for ; err != nil; err = errors.Unwrap(err) {
		texts = append(texts, withoutUserinfo(err.Error()))
	}
	return texts
}
