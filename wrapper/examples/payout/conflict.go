package main

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
)

// A conflictWatch is the handler of the client's log that notices when Dwolla already carries out a request with the key of
// a mass payment: another program pays the same.
type conflictWatch struct{ seen *atomic.Bool }

func (conflictWatch) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}

func (w conflictWatch) Handle(_ context.Context, r slog.Record) error {
	op, status := "", int64(0)
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "op":
			op = a.Value.String()
		case "status":
			status = a.Value.Int64()
		}
		return true
	})
	if op == "MassPayments.Create" && status == http.StatusConflict {
		w.seen.Store(true)
	}
	return nil
}

func (w conflictWatch) WithAttrs([]slog.Attr) slog.Handler { return w }
func (w conflictWatch) WithGroup(string) slog.Handler      { return w }
