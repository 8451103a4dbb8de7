package api

import "strings"

// Environment is one of Dwolla's two installations. They share nothing:
// credentials, ids and webhooks of one mean nothing to the other.
type Environment string

// The environments.
const (
	// Sandbox moves no real money.
	Sandbox Environment = "sandbox"
	// Production moves real money.
	Production Environment = "production"
)

// ParseEnvironment returns the environment of that name in any case. There is
// no default: any other name, the empty one included, is an
// [*UnknownEnvironmentError].
func ParseEnvironment(name string) (Environment, error) {
	for _, env := range []Environment{Sandbox, Production} {
		if strings.EqualFold(name, string(env)) {
			return env, nil
		}
	}
	return "", &UnknownEnvironmentError{Name: name}
}

// BaseURL returns the root of the API, without a slash at the end, or a
// [*UnknownEnvironmentError].
func (e Environment) BaseURL() (string, error) {
	switch e {
	case Sandbox:
		return "https://api-sandbox.dwolla.com", nil
	case Production:
		return "https://api.dwolla.com", nil
	default:
		return "", &UnknownEnvironmentError{Name: string(e)}
	}
}
