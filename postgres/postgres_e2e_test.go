//go:build e2e

package postgres

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/internal/sandbox"
	"hotline/journal"
)

// server is one PostgreSQL for all tests, each in a database of its own.
var (
	server    *sandbox.Postgres
	databases atomic.Int32
)

func TestMain(m *testing.M) {
	code := 1
	defer func() { os.Exit(code) }()
	dir, err := os.MkdirTemp("", "hotline-archive")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	server, err = sandbox.StartPostgres(context.Background(), sandbox.PostgresConfig{Dir: dir, Fast: true})
	if err != nil {
		panic(err)
	}
	code = m.Run()
	if err := server.Stop(); err != nil {
		panic(err)
	}
}

// database makes an empty one.
func database(t *testing.T, of *sandbox.Postgres) string {
	t.Helper()
	name := fmt.Sprintf("t%d", databases.Add(1))
	c, err := pgx.Connect(t.Context(), of.DSN())
	require.NoError(t, err)
	defer c.Close(context.Background())
	_, err = c.Exec(t.Context(), "CREATE DATABASE "+name)
	require.NoError(t, err)
	return strings.Replace(of.DSN(), "dbname=hotline", "dbname="+name, 1)
}

func archive(t *testing.T) *Store {
	t.Helper()
	s, err := New(database(t, server), nil)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	require.NoError(t, s.Migrate(t.Context()))
	return s
}

// diary is a journal to write a story into.
type diary struct {
	*journal.Journal
	t  *testing.T
	at time.Time
}

func newDiary(t *testing.T) *diary {
	t.Helper()
	j, _, err := journal.Open(t.TempDir(), journal.Options{Fsync: journal.FsyncNever})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return &diary{Journal: j, t: t, at: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
}

// after writes one record, so much later than the last one.
func (d *diary) after(pause time.Duration, facts ...fact.Fact) time.Time {
	d.t.Helper()
	d.at = d.at.Add(pause)
	seq, _ := d.Last()
	require.NoError(d.t, d.Append(context.Background(), fact.Record{Seq: seq + 1, At: d.at, Facts: facts}))
	return d.at
}

// follow runs a projector until the test ends.
func follow(t *testing.T, s *Store, l Log) *Projector {
	t.Helper()
	p := NewProjector(s, l, nil, nil)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); p.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return p
}

// settled waits until all that was written is in the tables.
func settled(t *testing.T, p *Projector) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(t, p.Settled(ctx))
}

func count(t *testing.T, s *Store, table string) (n int) {
	t.Helper()
	require.NoError(t, s.pool.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n))
	return n
}
