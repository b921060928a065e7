// Package postgres keeps all that people look up later, and is the only place with SQL.
//
//	journal ──Entry by Entry──▶ Projector ──one transaction per batch──▶ calls, visits, offers, talks, messages,
//	                               │           with {stream, seq, hash}   recordings, tickets, agent_periods
//	                               └─ stops with an alarm when the log is not the one it followed
//	desk, people ──▶ Store: queries; edits of tickets; users, sessions, the audit
//
// The archive may be away at any time: nobody on the floor waits for it. Store's methods then give an *Error whose Code
// is "unavailable"; the Projector tries again for ever and catches up from the log. The tables' closed lists are CHECK
// constraints, the schema lives in migrations/, which Migrate brings up to date.
package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is the archive. Its methods may be called from any goroutine.
type Store struct {
	pool    *pgxpool.Pool
	log     *slog.Logger
	current atomic.Bool // the schema is up to date
}

// New gives the archive at dsn. It does not connect yet: only a dsn that cannot be read is an error.
func New(dsn string, log *slog.Logger) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: the connection string cannot be read: %w", err)
	}
	cfg.ConnConfig.ConnectTimeout = 3 * time.Second
	cfg.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		c.TypeMap().RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID,
			Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
		return nil
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Store{pool: pool, log: log}, nil
}

// Close waits for what is running and lets the connections go.
func (s *Store) Close() { s.pool.Close() }

// Ping asks whether the archive answers.
func (s *Store) Ping(ctx context.Context) error { return told(s.pool.Ping(ctx)) }

// Migrate brings the schema up to date, if it is not. Two servers that start at once do it one after the other.
func (s *Store) Migrate(ctx context.Context) error {
	if s.current.Load() {
		return nil
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // s, tries
	if err != nil {
		return err
	}
	if err := s.Ping(ctx); err != nil { // goose would wait long for its lock
		return err
	}
	db := stdlib.OpenDBFromPool(s.pool)
	defer db.Close() // the pool stays
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("postgres: migrations: %w", err)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return told(fmt.Errorf("postgres: migrations: %w", err))
	}
	for _, m := range done {
		s.log.Info("archive migrated", "migration", m.Source.Path, "took", m.Duration)
	}
	s.current.Store(true)
	return nil
}
