package postgres

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
)

// unprepared is the first argument of every statement: none is left prepared on the connection. Behind pgbouncer in
// transaction mode the next transaction has another connection, where a prepared statement is missing or somebody
// else's.
const unprepared = pgx.QueryExecModeExec

// mayPass reports whether the same call may succeed a little later: the server cannot be reached, is starting, stopping
// or full, or has ended the transaction for the sake of others.
func mayPass(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "40001", "40P01", // serialization failure, deadlock
			"55P03", "25P03", // lock timeout, idle in a transaction
			"57P01", "57P02", "57P03", "57P05": // the server stops, has crashed, starts; an idle session ends
			return true
		}
		return strings.HasPrefix(e.Code, "08") || strings.HasPrefix(e.Code, "53") // connection, resources
	}
	if errors.Is(err, puddle.ErrClosedPool) {
		return false
	}
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	return connecting || network || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
