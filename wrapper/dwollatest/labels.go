package dwollatest

type label struct{}
