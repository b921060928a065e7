//go:build e2e

package faults

import (
	"context"
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// The three ledgers. Callers have a number of their own each, which joins what they saw with Asterisk's CDR; the CDR's
// UNIQUEID is the call's id in the archive. (Not its linkedid: that is the agents' older legs'.)

// cdr is what Asterisk wrote down of one channel, all its lines together.
type cdr struct {
	id, number string
	start, end time.Time
	answered   bool
	context    string // of the dialplan in which it ended
	reached    bool   // the application was given the call
	lines      int
}

// cdrs reads Asterisk's records of callers by UNIQUEID.
func (h *House) cdrs() map[string]cdr {
	h.t.Helper()
	file, err := os.Open(h.Asterisk.CallRecords())
	require.NoError(h.t, err)
	defer file.Close()
	rows := csv.NewReader(file)
	rows.FieldsPerRecord = -1
	all, err := rows.ReadAll()
	require.NoError(h.t, err)
	found := map[string]cdr{}
	for _, r := range all {
		// accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata, start, answer, end, duration,
		// billsec, disposition, amaflags, uniqueid, userfield
		require.GreaterOrEqual(h.t, len(r), 17, "%v", r)
		if !strings.HasPrefix(r[1], "138") || !strings.HasPrefix(r[5], "PJSIP/") {
			continue
		}
		c, seen := found[r[16]]
		start, end := cdrTime(h.t, r[9]), cdrTime(h.t, r[11])
		if !seen || start.Before(c.start) {
			c.start = start
		}
		if end.After(c.end) {
			c.end, c.context = end, r[3]
		}
		c.reached = c.reached || r[7] == "Stasis" || r[3] == "hotline-net"
		c.id, c.number, c.answered, c.lines = r[16], r[1], c.answered || r[14] == "ANSWERED", c.lines+1
		found[r[16]] = c
	}
	return found
}

func cdrTime(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04:05", s)
	require.NoError(t, err)
	return at
}

// archived is one call in PostgreSQL.
type archived struct {
	ID, Number       string
	Arrived          time.Time
	Answered, Ended  *time.Time
	Ending           *string
	Inferred         bool
	Quarantined      string
	Visits, Open     int // queue visits, and those without an outcome
	Talks, OpenTalks int
	AnsweredVisits   int
	LastOutcome      *string
}

func query[T any](h *House, sql string, args ...any) []T {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), settleTime)
	defer cancel()
	db, err := pgx.Connect(ctx, h.Postgres.DSN())
	require.NoError(h.t, err)
	defer db.Close(ctx)
	rows, err := db.Query(ctx, sql, args...)
	require.NoError(h.t, err)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	require.NoError(h.t, err)
	return found
}

func (h *House) archive() map[string]archived {
	h.t.Helper()
	found := map[string]archived{}
	for _, a := range query[archived](h, `
		SELECT c.call, c.number, c.arrived, c.answered, c.ended, c.ending, c.inferred, c.quarantined,
			(SELECT count(*) FROM visits v WHERE v.call = c.call), (SELECT count(*) FROM visits v WHERE v.call = c.call AND outcome IS NULL),
			(SELECT count(*) FROM talks t WHERE t.call = c.call), (SELECT count(*) FROM talks t WHERE t.call = c.call AND ended IS NULL),
			(SELECT count(*) FROM visits v WHERE v.call = c.call AND outcome = 'answered'),
			(SELECT outcome FROM visits v WHERE v.call = c.call ORDER BY began DESC, visit DESC LIMIT 1)
		FROM calls c`) {
		found[a.ID] = a
	}
	return found
}
