package dwollatest

type kbaSession struct{}
