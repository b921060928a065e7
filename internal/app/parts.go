package app

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hotline/acd"
	"hotline/ari"
	"hotline/call"
	"hotline/centre"
	"hotline/desk"
	"hotline/fact"
	"hotline/floor"
	"hotline/internal/config"
	"hotline/postgres"
	"hotline/prompt"
	"hotline/recording"
	"hotline/report"
	"hotline/report/prom"
)

// silence300 goes before the first words: an answered channel hears nothing for a moment.
var silence300 = fact.Phrase{File: prompt.Silence}

// zip tells an agent at a desk phone of a call.
var zip = fact.Phrase{File: prompt.Zip}

// agentOfPhone is the agent whose phone has this key.
func agentOfPhone(key string) (string, bool) { return strings.CutPrefix(key, centre.PhoneKey("")) }

// The RTP port that faces Asterisk must be the same after a restart, so that the agents' legs have audio at once. A
// configuration that leaves it to the kernel (port 0) gets the port of last time.

func rtpFile(cfg *config.Config) string { return filepath.Join(cfg.State, "rtp-address") }

func (a *App) steadyRTP(cfg *config.Config) string {
	want, err := netip.ParseAddrPort(cfg.Softphone.RTP)
	if err != nil || want.Port() != 0 {
		return cfg.Softphone.RTP
	}
	b, err := os.ReadFile(rtpFile(cfg))
	if err != nil {
		return cfg.Softphone.RTP
	}
	last, err := netip.ParseAddrPort(strings.TrimSpace(string(b)))
	if err != nil || last.Addr() != want.Addr() {
		return cfg.Softphone.RTP
	}
	return last.String()
}

func (a *App) keepRTP(cfg *config.Config, addr netip.AddrPort) error {
	if err := os.WriteFile(rtpFile(cfg), []byte(addr.String()+"\n"), 0o644); err != nil {
		return fmt.Errorf("the RTP address cannot be kept for the next start: %w", err)
	}
	return nil
}

// lookups answer callers in the IVR from the archive.
type lookups struct{ store *postgres.Store }

func (l lookups) Lookup(ctx context.Context, ask fact.Lookup) (map[string]string, bool, error) {
	if ask.Kind != "ticket" {
		return nil, false, fmt.Errorf("there is no lookup %q", ask.Kind)
	}
	digits := ask.Args["number"]
	if len(digits) > 8 && !strings.Contains(digits, "-") {
		digits = digits[:8] + "-" + digits[8:]
	}
	file, err := l.store.Ticket(ctx, digits)
	if isCode(err, "not-found") {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	t := file.Ticket
	return map[string]string{
		"ticket.number": t.ID, "ticket.status": string(t.State), "ticket.spoken": spoken(string(t.State), ask.Args["lang"]),
	}, true, nil
}

// ticketsTime bounds the question, which callers wait for: it is asked at the first start of a journal only.
const ticketsTime = 2 * time.Second

// ticketsOf is the last number that the archive has of a day's tickets.
func (a *App) ticketsOf(day string) int {
	ctx, cancel := context.WithTimeout(context.Background(), ticketsTime)
	defer cancel()
	n, err := a.store.LastTicket(ctx, day)
	if err != nil {
		a.log.Warn("the archive cannot be asked for the tickets of today, which are counted from 1 in this new journal", "err", err)
	}
	return n
}

// spoken is the state of a case as a sentence.
func spoken(state, lang string) string {
	words := map[string]map[string]string{
		"open":   {"zh": "您的工单正在处理中，我们会尽快与您联系。", "en": "Your case is being worked on. We will contact you as soon as we can."},
		"closed": {"zh": "您的工单已经办结，感谢您的来电。", "en": "Your case has been closed. Thank you for your call."},
	}
	w, ok := words[state]
	if !ok {
		w = words["open"]
	}
	if s := w[lang]; s != "" {
		return s
	}
	return w["en"]
}

func isCode(err error, code string) bool {
	c, ok := err.(interface{ Code() string }) //nolint:errorlint // the archive's errors come unwrapped
	return ok && c.Code() == code
}

// fetches hands what Asterisk has recorded to the fetcher.
type fetches struct{ f *recording.Fetcher }

func (x fetches) Fetch(p floor.Pending) {
	x.f.Fetch(recording.Job{Call: p.Call, Recording: p.Recording, Node: p.Node, Left: p.Left, Right: p.Right})
}

func (a *App) openRecordings(cfg *config.Config, clients map[string]ari.Client) error {
	dir := a.folder(cfg, cfg.Recording.Folder, "recordings")
	s, err := recording.OpenStore(dir)
	if err != nil {
		return err
	}
	a.recs = s
	a.onStop("recordings", func(context.Context) error { return s.Close() })
	encoder, err := recording.NewEncoder(cfg.Recording.Format, a.log)
	if err != nil {
		return err
	}
	f, err := recording.NewFetcher(recording.Options{
		Store: s, Results: a.fetched, Encoder: encoder, Logger: a.log, Registerer: a.registry,
		Source: func(node string) (recording.Source, error) {
			c, ok := clients[node]
			if !ok {
				return nil, fmt.Errorf("node %s is not in the configuration any more", node)
			}
			return recording.ARI{Client: c}, nil
		},
	})
	if err != nil {
		return err
	}
	a.fetcher = f
	a.onStop("fetcher", func(context.Context) error { f.Stop(); return nil })
	return nil
}

func (a *App) fetched(r recording.Result) {
	switch {
	case r.Stored != nil:
		a.centre.Stored(*r.Stored)
	case r.Lost != nil:
		a.centre.Lost(r.Lost.Call, r.Lost.Recording, r.Lost.Why)
	}
}

// audio is the store of recordings as the desk sees it.
type audio struct{ *recording.Store }

// waveform is how many peaks of each channel a page draws.
const waveform = 800

func (x audio) Peaks(_ context.Context, file string) (desk.Peaks, error) {
	p, err := x.Store.Peaks(file, waveform)
	return desk.Peaks{Duration: p.Duration, Channels: p.Channels}, err
}

// archive is PostgreSQL as the desk sees it.
type archive struct {
	*postgres.Store
	projector *postgres.Projector
}

func (a archive) Settled(ctx context.Context) error { return a.projector.Settled(ctx) }

// registerFigures shows the figures to Prometheus.
func (a *App) registerFigures() error {
	return a.registry.Register(prom.NewCollector(func() prom.Snapshot {
		cfg := a.cfg.Load()
		now := time.Now()
		s := prom.Snapshot{AgentStates: map[string]int{}, CallPhases: map[string]int{}}
		for _, st := range []acd.State{acd.SignedOut, acd.NotReady, acd.Ready, acd.Offered, acd.Talking, acd.Held, acd.WrapUp} {
			s.AgentStates[st.String()] = 0
		}
		for p := call.Menu; p <= call.Closing; p++ {
			s.CallPhases[p.String()] = 0
		}
		shot := a.centre.Shot()
		for _, v := range shot.Agents {
			s.AgentStates[v.State]++
		}
		for p, n := range shot.Phases {
			s.CallPhases[p] = n
		}
		waiting := map[string]floor.QueueView{}
		for _, q := range shot.Queues {
			waiting[q.Queue] = q
		}
		a.centre.Figures(func(f *report.Fold) {
			s.Calls = f.Calls()
			for number := range cfg.Lines {
				s.Lines = append(s.Lines, prom.Line{Name: number, Arrived: f.LineArrivals(number), Surge: surge(f, number, cfg.Alarms.Surge, now)})
			}
			for _, q := range cfg.ACDQueues() {
				v := waiting[q.ID]
				figures := f.Queue(q.ID, now)
				x := prom.Queue{Name: q.ID, Ever: figures.Ever.Totals, Waiting: v.Waiting, Promised: figures.Promised, AgentStates: v.Agents}
				if !v.Longest.IsZero() {
					x.LongestWait = now.Sub(v.Longest)
				}
				s.Queues = append(s.Queues, x)
			}
		})
		s.JournalPosition, _ = a.journal.Last()
		if a.projector != nil {
			s.ProjectorPosition = a.projector.Status().Applied
		}
		return s
	}))
}
