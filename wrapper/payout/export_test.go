package payout

// MemoryStore is the store that the other tests of the package run on.
func MemoryStore() Store { return newMemStore() }
