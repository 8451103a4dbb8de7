// Package api is the vocabulary of the Dwolla API v2: the values that appear
// in many of its documents and mean the same in each.
//
// Generated models and the hand-written client both speak these types, so a
// wire format is decided here once: links, amounts of money, days and moments,
// error bodies, error codes, media types and environments. Nothing here does
// input or output beyond JSON, text and the values of database columns.
//
// Every type keeps what it was given. Text is held as Dwolla wrote it and
// parsed on request; a member that the SDK does not know stays in an [Extra]
// and is written back. Decoding is strict about syntax, types and duplicate
// members; only error bodies are read leniently, because a payment that was
// refused must not become a payment that could not be understood.
package api
