package centre

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari/aritest"
	"hotline/call"
	"hotline/fact"
	"hotline/floor"
	"hotline/journal"
)

// faulty is a journal on a disk that may be full, or hang.
type faulty struct {
	journal.Log
	full  atomic.Bool
	hangs atomic.Bool
}

func (f *faulty) AppendBatch(ctx context.Context, rs []fact.Record) error {
	if f.full.Load() {
		return errors.New("no space left on device")
	}
	if f.hangs.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	return f.Log.AppendBatch(ctx, rs)
}

func TestCallsGoOnWhileTheJournalCannotBeWritten(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*faulty) *atomic.Bool{
		"full":  func(f *faulty) *atomic.Bool { return &f.full },
		"hangs": func(f *faulty) *atomic.Bool { return &f.hangs },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := &faulty{}
			r := newRig(t, func(c *Config) { log.Log = c.Journal; c.Journal = log; c.MostUnsaved = 60 })
			r.staff("li")
			before, _ := r.j.Last()
			fail(log).Store(true)
			r.talk("c1", "li")
			require.True(t, r.c.Provisional(), "there is an alarm")
			r.must(floor.Command{Agent: "li", Do: "hold"})
			r.must(floor.Command{Agent: "li", Do: "retrieve"})
			last, _ := r.j.Last()
			require.Equal(t, before, last)

			for i := range 60 { // facts, until there is no more room for new calls
				_ = r.c.Do(t.Context(), fmt.Sprint(i), floor.Command{Agent: "li", Do: []string{"hold", "retrieve"}[i%2]})
			}
			r.srv.Call("c2", aritest.Caller{Number: "1", Exten: "1", Args: args("1")})
			r.wait("the new call to go to the net", func() bool { return r.srv.Channel("c2").Dialplan.Context == "hotline-net" })
			require.Equal(t, "0", r.srv.Channel("c2").Vars["TIMEOUT(absolute)"], "no lease ends the caller's message")
			var refused *floor.Illegal
			require.ErrorAs(t, r.c.Visit(t.Context(), "v1", "1"), &refused)
			r.talks("c1", "li")

			fail(log).Store(false)
			r.wait("the journal to catch up", func() bool { return !r.c.Provisional() })
			r.hangsUp("c1")
			require.Empty(t, r.judge().open)
			r.dial("c3", "1")
			r.phase("c3", call.Menu)
		})
	}
}

func TestCallsGoOnWhileTheDiskHangsUnderACheckpoint(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.CheckpointEvery = 20 * time.Millisecond })
	r.staff("li")
	r.talk("c1", "li")
	hangs, thaw := make(chan struct{}), make(chan struct{})
	goOn := sync.OnceFunc(func() { close(thaw) })
	defer goOn()
	var once sync.Once
	r.disk.Fail(func(_, name string) error {
		if strings.Contains(name, ".checkpoint") {
			once.Do(func() { close(hangs) })
			<-thaw // and so does whoever wants the disk meanwhile
		}
		return nil
	})
	<-hangs
	r.must(floor.Command{Agent: "li", Do: "hold"})
	r.must(floor.Command{Agent: "li", Do: "retrieve"})
	r.must(floor.Command{Agent: "li", Do: "hold"})
	r.state("li", "held")
	require.True(t, r.c.Provisional(), "the journal is on the same disk")
	goOn()
	r.wait("the journal to catch up", func() bool { return !r.c.Provisional() })
	last, _ := r.j.Last()
	r.wait("the next checkpoint", func() bool { seq, _, err := r.j.LatestCheckpoint(); return err == nil && seq >= last })
}

func TestWriteThatWentThroughAfterWeStoppedWaitingIsNotRepeated(t *testing.T) {
	t.Parallel()
	log := &late{}
	r := newRig(t, func(c *Config) { log.Log = c.Journal; c.Journal = log })
	r.c.DeskUp("li")
	r.wait("the leg", func() bool { return r.agent("li").Leg })
	log.once.Store(true)
	r.must(floor.Command{Agent: "li", Do: "ready"})
	require.True(t, r.c.Provisional())
	r.must(floor.Command{Agent: "li", Do: "not-ready", Reason: "break"})
	r.wait("the journal to catch up", func() bool { return !r.c.Provisional() })
	for i, rec := range r.log() {
		require.Equal(t, uint64(i+1), rec.Seq)
	}
}

// late writes once, and says that it did not.
type late struct {
	journal.Log
	once atomic.Bool
}

func (l *late) AppendBatch(ctx context.Context, rs []fact.Record) error {
	err := l.Log.AppendBatch(ctx, rs)
	if l.once.CompareAndSwap(true, false) {
		return context.DeadlineExceeded
	}
	return err
}

func TestDecisionThatFailsEndsItsCallAndNoOther(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li", "wang")
	r.talk("c1", "li")
	r.talk("c2", "wang")
	r.enqueue("c3")
	places := r.entered("c3")
	require.True(t, r.c.ask(func() {
		r.c.trip = func(in floor.Input) {
			if cmd, ok := in.(floor.Command); ok && cmd.Agent == "li" && cmd.Do == "hold" {
				panic("a bug")
			}
		}
	}))
	err := r.c.Do(t.Context(), "", floor.Command{Agent: "li", Do: "hold"})
	require.ErrorIs(t, err, errDecision)
	r.gone("c1")
	r.state("li", "wrap-up")
	r.talks("c2", "wang")
	require.Equal(t, places, r.entered("c3"))
	b := r.judge()
	require.Equal(t, fact.EndFailed, b.endings["c1"])
	require.Equal(t, fact.EndedByLoss, b.talks["c1-t1"])
	r.again("li", "wang") // the journal tells the same story
	r.talks("c2", "wang")
}

func TestDeadlineThatCannotBeServedDoesNotComeAgainForEver(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	r.talk("c1", "li")
	r.must(floor.Command{Agent: "li", Do: "end"})
	r.gone("c1")
	var trips atomic.Int64
	require.True(t, r.c.ask(func() {
		r.c.trip = func(in floor.Input) {
			if _, ok := in.(floor.Tick); ok && len(r.c.floor.Calls()) == 0 {
				trips.Add(1)
				panic("a bug")
			}
		}
	}))
	r.later(time.Minute)
	r.wait("the deadline", func() bool { return trips.Load() > 0 })
	r.enqueue("c2")
	require.Less(t, trips.Load(), int64(20))
}

func TestStopHandsOverInAMoment(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	r.talk("c1", "li")
	r.enqueue("c2")
	r.srv.HangHTTP(true) // at its worst
	r.must(floor.Command{Agent: "li", Do: "hold"})
	began := time.Now()
	c, conn := r.c, r.conn
	require.NoError(t, conn.Stop())
	c.Stop()
	c.Stop() // twice is once
	t.Log("stopped in", time.Since(began))
	require.ErrorIs(t, c.Do(context.Background(), "", floor.Command{Agent: "li", Do: "retrieve"}), ErrStopped)
	seq, _, err := r.j.LatestCheckpoint()
	require.NoError(t, err)
	last, _ := r.j.Last()
	require.Equal(t, last, seq, "the next start reads no journal")
	require.NoError(t, r.j.Close())
	r.srv.HangHTTP(false)
	r.start()
	r.c.DeskUp("li")
	r.c.MediaUp("li", true)
	r.state("li", "held")
	r.wait("music", func() bool { return r.srv.Channel("c1").Music != "" })
}

func TestCentreThatWasNeverStartedCanBeStopped(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.kill()
	j, _, err := journal.Open(r.dir, journal.Options{FS: r.disk})
	require.NoError(t, err)
	c, err := New(Config{Floor: house(t), Zone: time.UTC, Journal: j}, nil)
	require.NoError(t, err)
	c.Stop()
	require.NoError(t, j.Close())
}

func TestSameCommandTwiceIsDoneOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li", "wang")
	notReady := floor.Command{Agent: "li", Do: "not-ready", Reason: "break"}
	require.NoError(t, r.c.Do(t.Context(), "7", notReady))
	require.NoError(t, r.c.Do(t.Context(), "8", floor.Command{Agent: "li", Do: "ready"}))
	require.NoError(t, r.c.Do(t.Context(), "7", notReady))
	require.Equal(t, "ready", r.agent("li").State)
	require.NoError(t, r.c.Do(t.Context(), "7", floor.Command{Agent: "wang", Do: "not-ready", Reason: "break"}))
	require.Equal(t, "not-ready", r.agent("wang").State, "desks count for themselves")
}

func TestWatcherMissesNothingAndIsToldNothingTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	go r.staff("li", "wang", "zhao", "sun")
	for range 20 {
		next := make(chan uint64, 1000)
		now, cancel := r.c.Watch(func(u Update) {
			for _, rec := range u.Records {
				next <- rec.Seq
			}
		})
		r.c.Submit(floor.Link{Node: "a", Up: true})
		require.Equal(t, now.Seq+1, <-next)
		cancel()
	}
	for _, a := range []string{"li", "wang", "zhao", "sun"} {
		r.state(a, "ready")
	}
}

func TestTheHousesClockNeverJumps(t *testing.T) {
	t.Parallel()
	mono := time.Now()
	wall := mono
	c := newClock(func() time.Time { return wall }, time.Time{})
	first := c.now()
	wall = mono.Add(time.Minute)
	require.Equal(t, time.Minute, c.now().Sub(first))
	wall = mono.Add(time.Minute).Round(0).Add(-time.Hour) // somebody set the clock back
	back := c.now()
	require.False(t, back.Before(first.Add(time.Minute)))
	for range 60 {
		wall = wall.Add(time.Minute)
		at := c.now()
		require.InDelta(t, time.Minute, at.Sub(back), float64(time.Second+time.Millisecond))
		require.True(t, at.After(back))
		back = at
	}
	require.Equal(t, mono.Round(0).Add(time.Hour), newClock(func() time.Time { return mono }, mono.Round(0).Add(time.Hour)).now(), "it begins where the journal ends")
}

func TestTheHousesClockTellsHowFarItIsOff(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.ahead.Store(int64(time.Hour))
	require.InDelta(t, time.Hour, r.c.ClockOff(), float64(time.Minute))
}

// How long 2,000 live calls are deaf after a gap is logged; what is demanded is that the work does not grow with their square.
func TestTwoThousandCallsAreServedSoonAfterAGap(t *testing.T) {
	r := newRig(t, nil)
	const calls = 2000
	for i := range calls {
		r.srv.Call(fmt.Sprintf("c%dx", i), aritest.Caller{Number: "1", Exten: "1", Args: args("1")})
	}
	patiently := func(what string, cond func() bool) { // Server.WaitFor asks after each of thousands of changes
		require.Eventually(t, cond, 2*time.Minute, 20*time.Millisecond, what)
	}
	patiently("all to hear the menu", func() bool { return r.srv.Count("channels.play") >= calls })
	mark := len(r.srv.Requests())
	began := time.Now()
	r.srv.CutWebsocket()
	patiently("the link to go down", func() bool { return !r.c.nodes["a"].up() })
	patiently("the link", r.c.nodes["a"].up)
	r.dial("new", "1")
	patiently("a new caller to be served", func() bool { return len(r.srv.Channel("new").Playing) > 0 })
	served := time.Since(began)
	r.calm()
	t.Log("serving after", served, "with", len(r.srv.Requests())-mark, "requests")
	require.Less(t, len(r.srv.Requests())-mark, calls*4, "no call looks at all the others")
}
