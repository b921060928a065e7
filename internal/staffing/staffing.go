// Package staffing answers the questions of people who plan: what if two agents fewer, how many each half hour. It runs
// the simulator's scenarios for the desk.
//
//	configuration ─┐
//	archive ───────┴─ Measure ──▶ scenario (YAML) ──▶ the page ──TrialOrder──▶ Room ── in line, one at a time ──┐
//	                                                     ▲                                                      ▼
//	                                                     └── Trial: waiting, running 7 of 40, done ──── a process of its own
//
// A trial is a process, not a goroutine: on one core, at the lowest priority, with its own memory, so that it cannot hold
// up live calls, neither by its work nor by its garbage; it is cancelled by ending it. What it may do is bounded before
// it begins (Most…), and by time.
package staffing

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"hotline/acd/said"
	"hotline/desk"
)

// Bounds of what one trial may do.
const (
	MostCalls  = 3_000_000 // in all its runs
	MostAgents = 20_000
	mostCells  = 200_000 // figures: queues and groups × intervals
	mostMemory = 1 << 30
	mostTime   = 2 * time.Minute
	mostInLine = 8
	keepOver   = 10 * time.Minute
)

// Room runs trials, one after the other. Its methods may be called from any goroutine.
type Room struct {
	Source
	// Command is the program that does one order from its input (Work); nil: this one, as `hotline trial`.
	Command func(ctx context.Context) *exec.Cmd
	Log     *slog.Logger

	mu      sync.Mutex
	trials  map[string]*trial // by id
	mine    map[string]*trial // the last one of each login
	count   int
	stopped bool
	running sync.WaitGroup
	turn    chan struct{}
}

type trial struct {
	login  string
	state  desk.Trial
	news   chan struct{} // closed at every change
	over   time.Time
	cancel context.CancelFunc
}

// New makes a room in which nothing runs yet.
func New(s Source, log *slog.Logger) *Room {
	return &Room{Source: s, Log: log, trials: map[string]*trial{}, mine: map[string]*trial{}, turn: make(chan struct{}, 1)}
}

// Stop ends every trial and waits for it.
func (r *Room) Stop() {
	r.mu.Lock()
	r.stopped = true
	for _, t := range r.trials {
		t.cancel()
	}
	r.mu.Unlock()
	r.running.Wait()
}

// Begin puts an order in line. What is wrong with it is said at once.
func (r *Room) Begin(login string, o desk.TrialOrder) (desk.Trial, error) {
	if _, err := prepare(o); err != nil {
		return desk.Trial{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	inLine := 0
	for id, t := range r.trials {
		switch {
		case !t.state.Phase.Over():
			inLine++
		case time.Since(t.over) > keepOver:
			delete(r.trials, id)
		}
	}
	switch last := r.mine[login]; {
	case r.stopped:
		return desk.Trial{}, refuse(desk.Unavailable, said.Errorf("The server is stopping."))
	case last != nil && !last.state.Phase.Over():
		return desk.Trial{}, refuse(desk.Illegal, said.Errorf("A trial of yours is still running. Wait for its end, or cancel it."))
	case inLine >= mostInLine:
		return desk.Trial{}, refuse(desk.TooMany, said.Errorf("Others have trials in line already. Try again in a minute."))
	}
	r.count++
	ctx, cancel := context.WithCancel(context.Background())
	t := &trial{login: login, news: make(chan struct{}), cancel: cancel,
		state: desk.Trial{ID: strconv.FormatInt(time.Now().UnixMilli(), 36) + "-" + strconv.Itoa(r.count), Seq: 1, Phase: desk.TrialWaiting, Staff: o.Staff}}
	r.trials[t.state.ID], r.mine[login] = t, t
	r.running.Go(func() {
		defer cancel()
		r.wait(ctx, t, o)
	})
	return t.state, nil
}

// Trial gives a trial of this person's as soon as it is newer than after, or when ctx is done.
func (r *Room) Trial(ctx context.Context, login, id string, after uint64) (desk.Trial, error) {
	for {
		t, state, news := r.find(login, id)
		if t == nil {
			return desk.Trial{}, errNoTrial
		}
		if state.Seq > after {
			return state, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return state, nil
		}
	}
}

var errNoTrial = refuse(desk.NotFound, said.Errorf("There is no such trial of yours, or it ended a while ago. Start it again."))

// Cancel ends a trial of this person's.
func (r *Room) Cancel(login, id string) error {
	t, _, _ := r.find(login, id)
	if t == nil {
		return errNoTrial
	}
	t.cancel()
	return nil
}

func (r *Room) find(login, id string) (*trial, desk.Trial, chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.trials[id]
	if t == nil || t.login != login {
		return nil, desk.Trial{}, nil
	}
	return t, t.state, t.news
}

func (r *Room) change(t *trial, f func(*desk.Trial)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&t.state)
	t.state.Seq++
	if t.state.Phase.Over() {
		t.over = time.Now()
	}
	close(t.news)
	t.news = make(chan struct{})
}

func (r *Room) wait(ctx context.Context, t *trial, o desk.TrialOrder) {
	var (
		end report
		err error
	)
	began := time.Now()
	select {
	case r.turn <- struct{}{}:
		began = time.Now()
		r.change(t, func(s *desk.Trial) { s.Phase = desk.TrialRunning })
		end, err = r.run(ctx, t, o)
		<-r.turn
	case <-ctx.Done():
		err = ctx.Err()
	}
	r.change(t, func(s *desk.Trial) {
		s.As, s.If, s.Plan, s.Took = end.As, end.If, end.Plan, time.Since(began).Seconds()
		switch {
		case err == nil:
			s.Phase = desk.TrialDone
		case ctx.Err() != nil:
			s.Phase = desk.TrialCancelled
		default:
			s.Phase, s.Problem, s.ProblemIn = desk.TrialFailed, err.Error(), inEach(err)
		}
	})
}

// errTooLong is the cause of a trial's end by time.
var errTooLong = said.Errorf("this takes longer than %s and was stopped: a shorter day, fewer calls or fewer runs take less", mostTime)

// run has the order done by a process and follows what it says.
func (r *Room) run(ctx context.Context, t *trial, o desk.TrialOrder) (report, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, mostTime, errTooLong)
	defer cancel()
	command := r.Command
	if command == nil {
		command = ourselves
	}
	cmd := command(ctx)
	cmd.WaitDelay = 2 * time.Second
	cmd.Env = append(cmd.Environ(), "GOMAXPROCS=1")
	words := &tail{}
	cmd.Stderr = words
	in, err := cmd.StdinPipe() // it stays open: by its end the process knows that we are gone
	if err != nil {
		return report{}, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return report{}, err
	}
	if err := cmd.Start(); err != nil {
		return report{}, said.Errorf("the simulator cannot be started: %w", err)
	}
	var end report
	if err = json.NewEncoder(in).Encode(o); err == nil {
		end, err = r.follow(out, t)
	}
	why := context.Cause(ctx)
	cancel() // all is said: it need not go on
	if exit := cmd.Wait(); err != nil && why == nil {
		r.Log.Warn("a trial failed", "login", t.login, "trial", t.state.ID, "err", err, "exit", exit, "said", words.String())
	}
	if why != nil {
		return report{}, why
	}
	return end, err
}

// report is one line of what the process says: how far it is, or its end.
type report struct {
	Done    int    `json:"done,omitempty"`
	Of      int    `json:"of,omitempty"`
	Problem string `json:"problem,omitempty"`
	// In is the problem in other languages.
	In   map[string]string `json:"in,omitempty"`
	As   *desk.TrialTable  `json:"as,omitempty"`
	If   *desk.TrialTable  `json:"if,omitempty"`
	Plan *desk.TrialPlan   `json:"plan,omitempty"`
}

// follow passes on how far it is until it has said all.
func (r *Room) follow(out io.Reader, t *trial) (report, error) {
	for lines := json.NewDecoder(out); ; {
		var l report
		if err := lines.Decode(&l); err != nil {
			return l, said.Errorf("the simulator ended before its time: %w", err)
		}
		switch {
		case l.Problem != "":
			return report{}, &told{l.Problem, l.In}
		case l.As != nil || l.Plan != nil:
			return l, nil
		}
		r.change(t, func(s *desk.Trial) { s.Done, s.Of = l.Done, l.Of })
	}
}

// ourselves is this very program, as it was when it started: an upgrade on the disk does not matter. The environment, which
// may hold secrets, stays here.
func ourselves(ctx context.Context) *exec.Cmd {
	self := fmt.Sprintf("/proc/%d/exe", os.Getpid())
	if _, err := os.Stat(self); err != nil { // no Linux
		if self, err = os.Executable(); err != nil {
			self = os.Args[0]
		}
	}
	args := []string{self, "trial"}
	if nice, err := exec.LookPath("nice"); err == nil {
		args = append([]string{nice, "-n", "19"}, args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = []string{"LANG=C.UTF-8"}
	return cmd
}

// tail keeps the end of what is written to it.
type tail struct{ b []byte }

// Write is io.Writer's.
func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if over := len(t.b) - 4096; over > 0 {
		t.b = t.b[over:]
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.b) }
