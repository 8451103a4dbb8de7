package contract

// WithLimit reads less of a body: to read as much as is allowed takes the race detector seconds.
func WithLimit(n int64) Option { return func(v *Validator) { v.limit = n } }
