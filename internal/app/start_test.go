package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/centre"
	"hotline/configs"
	"hotline/fact"
	"hotline/floor"
	"hotline/internal/config"
	"hotline/journal"
	"hotline/report"
)

// asked notes from which record on a start reads.
type asked struct {
	journal.Log
	from uint64
}

func (a *asked) From(seq uint64) journal.Reader {
	a.from = seq
	return a.Log.From(seq)
}

type noMedia struct{}

func (noMedia) Addr() netip.AddrPort              { return netip.MustParseAddrPort("127.0.0.1:4000") }
func (noMedia) Link(string, netip.AddrPort) error { return nil }
func (noMedia) Unlink(string)                     {}
func (noMedia) Rest(string, bool)                 {}

// TestAStartReadsACheckpointAndTheMinuteBehindIt: however long the journal is.
func TestAStartReadsACheckpointAndTheMinuteBehindIt(t *testing.T) { startAfter(t, 5_000) }

// startAfter starts with a journal of so many calls. A million take half a minute to write.
func startAfter(t *testing.T, calls int) {
	t.Helper()
	const tail = 3_000 // a minute of 50 calls a second
	cfg, err := config.LoadFS(configs.Files, "hotline.yaml")
	require.NoError(t, err)
	dir := t.TempDir()
	last := writeCalls(t, dir, cfg, calls, tail)

	began := time.Now()
	j, found, err := journal.Open(dir, journal.Options{})
	require.NoError(t, err)
	opened := time.Since(began)
	require.Equal(t, last, found.Last)
	log := &asked{Log: j}
	c, err := centre.New(centre.Config{
		Floor: floorConfig(cfg), Zone: cfg.Zone, Journal: log, Media: noMedia{}, Logger: slog.New(slog.DiscardHandler),
	}, map[string]ari.Client{})
	require.NoError(t, err)
	t.Logf("%d calls, %d records, %d segments: opened in %s, restored in %s", calls, last, found.Segments, opened, time.Since(began)-opened)
	require.Equal(t, last-4*tail+1, log.from, "only what the checkpoint does not have")
	c.Start()
	require.Empty(t, c.Lines())
	c.Figures(func(f *report.Fold) {
		require.Equal(t, uint64(calls), f.Calls().Arrived)
		require.Equal(t, uint64(calls), f.Calls().Endings[fact.EndAbandoned])
	})
	c.Stop()
	require.NoError(t, j.Close())
}

// writeCalls writes a journal of callers who gave up waiting, with a checkpoint before the last ones.
func writeCalls(t *testing.T, dir string, cfg *config.Config, calls, tail int) (last uint64) {
	t.Helper()
	j, _, err := journal.Open(dir, journal.Options{Fsync: journal.FsyncNever})
	require.NoError(t, err)
	f, fold := floor.New(floorConfig(cfg)), report.New(cfg.Zone)
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var batch []fact.Record
	add := func(facts ...fact.Fact) {
		last++
		at = at.Add(20 * time.Millisecond)
		r := fact.Record{Seq: last, At: at, Facts: facts}
		batch = append(batch, r)
		require.NoError(t, f.Replay(r))
		fold.Apply(r)
	}
	flush := func() {
		require.NoError(t, j.AppendBatch(context.Background(), batch))
		batch = batch[:0]
	}
	for i := range calls {
		id := fmt.Sprintf("1795304700.%d", i)
		session := fact.Session{Flow: "main", Node: "language", Lang: "zh", Path: []fact.PathStep{{Node: "language", Key: "1", Label: "中文"}, {Node: "menu", Key: "0", Label: "人工服务"}}}
		add(fact.CallArrived{Call: id, Channel: id, Node: "a", Line: "12345", Trunk: "carrier", Via: "sip", Caller: fact.Party{Number: "+8613800138000"}},
			fact.FlowStepped{Call: id, Session: session, Turn: fact.Turn{Say: []fact.Phrase{{Lang: "zh", Text: "欢迎致电市民服务热线"}}, Wait: 5 * time.Second}, Input: "begin"})
		add(fact.CallAnswered{Call: id})
		add(fact.VisitBegan{Call: id, Visit: id + "-v1", Queue: "consult", From: "flow"})
		add(fact.VisitEnded{Call: id, Visit: id + "-v1", Queue: "consult", Outcome: fact.Abandoned, Waited: time.Minute, Threshold: 20 * time.Second},
			fact.CallEnded{Call: id, Ending: fact.EndAbandoned, Cause: 16})
		if len(batch) > 1000 {
			flush()
			f.Changed() // nobody looks
		}
		if i == calls-tail-1 {
			flush()
			state, err := f.Save()
			require.NoError(t, err)
			figures, err := json.Marshal(fold)
			require.NoError(t, err)
			b, err := json.Marshal(map[string]json.RawMessage{"floor": state, "figures": figures})
			require.NoError(t, err)
			require.NoError(t, j.Checkpoint(last, b))
		}
	}
	flush()
	require.NoError(t, j.Close())
	return last
}
