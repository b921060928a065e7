package journal_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/journal"
	"hotline/journal/journaltest"
)

var rounds = flag.Int("rounds", 40, "lives of a log with faults and power cuts")

// TestNothingAcknowledgedIsLost runs a log through faults and power cuts at random, and reads it back after each.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	for seed := range *rounds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			chance := rand.New(rand.NewPCG(uint64(seed), 1))
			sync := []journal.Fsync{journal.FsyncAlways, journal.FsyncAlways, journal.FsyncNever, journal.FsyncInterval}[chance.IntN(4)]
			h := &hardLife{T: t, disk: journaltest.NewDisk(), dir: t.TempDir(), chance: chance, sync: sync,
				acked: map[uint64]int{}, tried: map[uint64]int{}}
			for range 5 {
				h.live()
			}
		})
	}
}

type hardLife struct {
	*testing.T
	disk   *journaltest.Disk
	dir    string
	chance *rand.Rand
	sync   journal.Fsync
	acked  map[uint64]int // the version that was acknowledged
	tried  map[uint64]int // the last version that was tried
	ckpt   uint64         // acknowledged
	first  uint64
}

// live is one process's life: open, check, append under faults, die.
func (h *hardLife) live() {
	j, found, err := journal.Open(h.dir, journal.Options{FS: h.disk, Fsync: h.sync, FsyncEvery: time.Hour, SegmentBytes: 1500, Checkpoints: 2})
	require.NoError(h, err)
	require.Empty(h, found.Damage)
	h.check(j)
	if h.chance.IntN(3) > 0 {
		bad := h.chance.IntN(30) + 3
		faults := rand.New(rand.NewPCG(h.chance.Uint64(), 2)) // asked under the disk's lock
		h.disk.Fail(func(op, _ string) error {
			if op != "read" && op != "open" && op != "list" && faults.IntN(bad) == 0 {
				return syscall.EIO
			}
			return nil
		})
	}
	for range h.chance.IntN(40) {
		h.step(j)
	}
	powerCut := h.sync == journal.FsyncAlways && h.chance.IntN(2) == 0
	if powerCut {
		// Die before Close could sync anything.
		h.disk.Fail(func(op, _ string) error {
			if op == "sync" || op == "syncdir" || op == "write" {
				return errors.New("no more power")
			}
			return nil
		})
	}
	_ = j.Close() // under faults
	h.disk.Fail(nil)
	if powerCut {
		h.disk.PowerCut(h.chance)
	}
}

func (h *hardLife) step(j *journal.Journal) {
	last, _ := j.Last()
	switch h.chance.IntN(10) {
	case 0:
		if j.Checkpoint(last, fmt.Append(nil, last)) == nil {
			h.ckpt = last
		}
	case 1:
		first, _ := j.Trim(journaltest.Record(last+1, 0).At, last) // a removal may fail
		h.first = max(h.first, first)
	default:
		to := last + uint64(h.chance.IntN(4)) + 1
		h.tried[0]++
		version := h.tried[0]
		err := j.AppendBatch(context.Background(), journaltest.Records(last+1, to, version))
		for seq := last + 1; seq <= to; seq++ {
			h.tried[seq] = version
			if err == nil {
				h.acked[seq] = version
			}
		}
	}
}

// check reads what there is: all that was acknowledged, and nothing that never was tried.
func (h *hardLife) check(j *journal.Journal) {
	h.Helper()
	last, _ := j.Last()
	for seq := range h.acked {
		require.LessOrEqual(h, seq, last, "an acknowledged record is lost")
	}
	seq, state, err := j.LatestCheckpoint()
	require.NoError(h, err)
	require.GreaterOrEqual(h, seq, h.ckpt)
	if seq > 0 {
		require.Equal(h, fmt.Sprint(seq), string(state))
	}
	first := j.First()
	require.LessOrEqual(h, first, max(seq+1, 1), "the tail of the checkpoint is there")
	r := j.From(first)
	defer r.Close()
	for at := first; at <= last; at++ {
		e, err := r.Next(h.Context())
		require.NoError(h, err)
		version, ok := h.acked[at]
		if !ok {
			// In the log though its append failed, which is allowed: the outcome of a power cut. From now on it counts.
			_, err := fmt.Sscanf(e.Record.Facts[1].(fact.FlowStepped).Input, "version %d", &version)
			require.NoError(h, err)
			h.acked[at] = version
		}
		require.Equal(h, journaltest.Record(at, version), e.Record)
	}
}
