package dwollatest

import dwolla "github.com/dwolla-go/dwolla-go/wrapper"

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
