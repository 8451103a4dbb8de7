package dwollatest

import (
	"net/http"
	"net/http/httptest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// Dwolla is a ready client of the server: in-process, or over loopback once the server is started. Options that do
// not fit together end the test; without a test the client is nil.
func (s *Server) Dwolla(opts ...dwolla.Option) *dwolla.Client {
	s.mu.Lock()
	started := s.listener != nil
	s.mu.Unlock()
	reach := dwolla.WithHTTPClient(s.Client())
	if started {
		reach = dwolla.WithBaseURL(s.URL())
	}
	client, err := dwolla.NewClient(dwolla.Sandbox, s.Key(), s.Secret(), append([]dwolla.Option{reach}, opts...)...)
	if err != nil {
		s.fatal(err)
		return nil
	}
	return client
}

// sandboxURL is the base URL of in-process clients; no request to it reaches a network.
const (
	sandboxHost = "api-sandbox.dwolla.com"
	sandboxURL  = "https://" + sandboxHost
)

// HandlerTransport calls a handler directly, without a network. It works inside testing/synctest, where sockets do
// not. The handler gets every request, whatever its host.
func HandlerTransport(h http.Handler) http.RoundTripper { return handlerTransport{h} }

type handlerTransport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t handlerTransport) RoundTrip(r *http.Request) (out *http.Response, err error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	defer func() { _ = r.Body.Close() }()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	served := r.Clone(r.Context())
	served.Host = r.Host
	if served.Host == "" {
		served.Host = r.URL.Host
	}
	served.RequestURI = r.URL.RequestURI()
	served.RemoteAddr = "in-process"
	served.Header = http.Header{}
	for name, values := range r.Header { // a server reads the names in any case
		name = http.CanonicalHeaderKey(name)
		served.Header[name] = append(served.Header[name], values...)
	}

	defer func() {
		switch fault := recover(); fault {
		case nil:
		case http.ErrAbortHandler:
			out, err = nil, errDropped
		default:
			panic(fault)
		}
	}()
	recorder := httptest.NewRecorder()
	t.handler.ServeHTTP(recorder, served)
	if err := r.Context().Err(); err != nil {
		return nil, err // the caller gave up meanwhile
	}
	out = recorder.Result()
	out.Request = r
	return out, nil
}

// Client is an HTTP client that calls the server in-process, whatever the host of the URL. It follows no redirects.
func (s *Server) Client() *http.Client {
	return &http.Client{
		Transport:     HandlerTransport(s),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Start serves on loopback too and returns the URL. The server stops when it is closed.
func (s *Server) Start() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		s.listener = httptest.NewServer(s)
		s.state.listening = s.listener.Listener.Addr().String()
	}
	return s.listener.URL
}

// URL is the base URL by which the server can be called: that of [Server.Start], or that of the Dwolla sandbox, at
// which [Server.Client] finds it in-process.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url()
}

func (s *Server) url() string {
	if s.listener == nil {
		return sandboxURL
	}
	return s.listener.URL
}
