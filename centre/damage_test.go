package centre

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/call"
	"hotline/floor"
	"hotline/report"
)

// TestAServerStartsThoughAnyRecordOfItsJournalIsDamaged: a bit flips in a record that was safe on the disk and that no
// checkpoint covers. The server starts all the same, whatever the record said, takes calls, and everybody gets off the line.
func TestAServerStartsThoughAnyRecordOfItsJournalIsDamaged(t *testing.T) {
	t.Parallel()
	r, records := twoLives(t)
	require.Greater(t, records, 30)
	r.start()
	for n := range records {
		t.Run(fmt.Sprint(n+1), func(t *testing.T) {
			t.Parallel()
			r, _ := twoLives(t)
			r.damage(n)
			r.start()
			r.figuresAgree()
			for _, a := range watch {
				r.c.DeskUp(a)
				r.c.MediaUp(a, true)
			}
			r.enqueue("new")
			r.everybodyGoesHome()
			r.figuresAgree()
		})
	}
}

// figuresAgree: as many wait by the figures as on the floor.
func (r *rig) figuresAgree() {
	r.t.Helper()
	r.wait("the figures of who waits to be those of the floor", func() bool {
		var visits map[string]string
		r.c.ask(func() { visits, _ = r.c.floor.Open() })
		waiting := 0
		r.c.Figures(func(f *report.Fold) { waiting = f.Centre(r.now()).Waiting })
		return waiting == len(visits)
	})
}

var watch = []string{"li", "wang", "zhao"}

// twoLives is a centre that was killed twice with calls in every phase: what the first life wrote is known to be on the disk.
func twoLives(t *testing.T) (r *rig, records int) {
	r = newRig(t, func(c *Config) { c.Lease = time.Minute })
	r.staff(watch...)
	r.talk("talking", "li")
	r.talk("held", "wang")
	r.must(floor.Command{Agent: "wang", Do: "hold"})
	r.enqueue("offered")
	r.state("zhao", "offered")
	r.enqueue("waiting")
	r.message("recording")
	r.calm()
	last, _ := r.j.Last()
	r.again(watch...)
	r.calm()
	r.kill()
	return r, int(last)
}

// damage flips a bit in the payload of the record behind n others.
func (r *rig) damage(n int) {
	const segmentHead, frameHead = 80, 48 // as the journal's package comment lays them down
	name := r.disk.Names(".log")[0]
	b := r.disk.Bytes(name)
	size := func(at int) int { return frameHead + int(binary.LittleEndian.Uint32(b[at:])) }
	at := segmentHead
	for range n {
		at += size(at)
	}
	b[at+size(at)/2] ^= 1
	r.disk.Put(name, b)
}

// everybodyGoesHome ends all calls; the agents are free afterwards, at the latest when the watchdog has looked.
func (r *rig) everybodyGoesHome() {
	r.t.Helper()
	calls := []string{"talking", "held", "offered", "waiting", "recording", "new"}
	for _, id := range calls {
		r.srv.Hangup(id)
	}
	for _, id := range calls {
		r.wait(id+" to be over", func() bool { p, _ := r.c.Phase(id); return p == call.Unknown && len(r.left(id)) == 0 })
	}
	NewWatchdog(r.c).Look(r.t.Context())
	for _, a := range watch {
		r.wait(a+" to be ready", func() bool {
			switch r.agent(a).State {
			case "wrap-up":
				_ = r.c.Do(r.t.Context(), "", floor.Command{Agent: a, Do: "wrap-up-done"})
			case "not-ready":
				_ = r.c.Do(r.t.Context(), "", floor.Command{Agent: a, Do: "ready"})
			}
			return r.agent(a).State == "ready" && r.agent(a).Leg
		})
	}
}
