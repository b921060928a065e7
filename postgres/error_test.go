package postgres

import (
	"fmt"
	"net"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/stretchr/testify/require"
)

// TestAPostgresThatLetsNobodyInIsAway: its disk is full, and it cannot start a session. Who has the wrong password, or asks
// for a database that is not there, must be told so instead.
func TestAPostgresThatLetsNobodyInIsAway(t *testing.T) {
	t.Parallel()
	for code, away := range map[string]bool{
		"XX000": true,  // could not write init file
		"57P03": true,  // the database system is starting up
		"28P01": false, // wrong password
		"3D000": false, // no such database
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			_, err := pgx.Connect(t.Context(), refusing(t, code))
			require.ErrorContains(t, err, code)
			require.Equal(t, away, isAway(err))
		})
	}
}

// refusing is the address of a server that refuses everybody with a code.
func refusing(t *testing.T, code string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			b := pgproto3.NewBackend(c, c)
			if _, err := b.ReceiveStartupMessage(); err == nil {
				b.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: code, Message: "no"})
				_ = b.Flush() // the other side tells
			}
			_ = c.Close()
		}
	}()
	return fmt.Sprintf("postgres://u:p@%s/d?sslmode=disable", l.Addr())
}
