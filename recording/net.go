package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"hotline/ari"
)

// Net is a message that the dialplan's safety net took while the application was away, as its file's name tells it:
// net_20261121T234500Z_CHANNEL_DIALLED_CALLER (configs/asterisk/hotline/extensions.conf).
type Net struct {
	Name     string // of the recording in Asterisk
	Channel  string
	Dialled  string
	Caller   string // empty when withheld, or unknown
	Withheld bool
	At       time.Time
}

const netStamp = "20060102T150405Z"

var netForm = regexp.MustCompile(`^net_([0-9]{8}T[0-9]{6}Z)_(.+)_(\.?[0-9]+)_([.0-9A-Za-z-]*)$`)

// ParseNet reads a stored recording's name. It is not ok for any other recording's.
func ParseNet(name string) (n Net, ok bool) {
	m := netForm.FindStringSubmatch(name)
	if m == nil || checkID(name) != nil || checkID(m[2]) != nil {
		return Net{}, false
	}
	at, err := time.Parse(netStamp, m[1])
	if err != nil {
		return Net{}, false
	}
	plus := func(s string) string { return strings.Replace(s, ".", "+", 1) }
	n = Net{Name: name, Channel: m[2], Dialled: plus(m[3]), Caller: plus(m[4]), At: at}
	if n.Caller == "withheld" || n.Caller == "" {
		n.Caller, n.Withheld = "", true
	}
	return n, true
}

// NetSource is an Asterisk in which the net may have left messages; *ari.Conn.
type NetSource interface {
	StoredRecordings(ctx context.Context) ([]ari.StoredRecording, error)
	Channel(ctx context.Context, id string) (ari.Channel, error)
	RecordingFile(ctx context.Context, name string) (io.ReadCloser, error)
	DeleteRecording(ctx context.Context, name string) error
}

// NetTaker takes a message in. Take returns when it is journalled: from then on its recording is fetched like any other,
// and deleted in Asterisk when it is stored.
type NetTaker interface {
	Taken(channel string) (taken, pending, ok bool)
	Take(ctx context.Context, node string, n Net, length time.Duration, empty bool) error
}

// Collector looks for the net's messages: when a link comes up and now and then. A message whose caller still speaks is
// left until the channel is gone; one that is journalled already is not taken twice, whatever died in between.
type Collector struct {
	taker NetTaker
	every time.Duration
	log   *slog.Logger

	mu     sync.Mutex
	nodes  map[string]*collecting
	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup
}

type collecting struct {
	source NetSource
	wake   chan struct{}
	up     bool
}

// NewCollector gives a collector that looks at each node every so often while its link is up.
func NewCollector(taker NetTaker, every time.Duration, log *slog.Logger) *Collector {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Collector{taker: taker, every: every, log: log, nodes: map[string]*collecting{}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Add names an Asterisk; nothing is asked of it before Up.
func (c *Collector) Add(node string, source NetSource) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := &collecting{source: source, wake: make(chan struct{}, 1)}
	c.nodes[node] = n
	c.done.Go(func() { c.run(node, n) })
}

// Up tells that the node's link came up, or went. It does not block.
func (c *Collector) Up(node string, up bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.nodes[node]
	if n == nil {
		return
	}
	n.up = up
	if !up {
		return
	}
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// Stop ends the looking. It may be called twice.
func (c *Collector) Stop() {
	c.cancel()
	c.done.Wait()
}

func (c *Collector) run(node string, n *collecting) {
	tick := time.NewTicker(c.every)
	defer tick.Stop()
	for {
		select {
		case <-n.wake:
		case <-tick.C:
		case <-c.ctx.Done():
			return
		}
		c.mu.Lock()
		up := n.up
		c.mu.Unlock()
		if !up {
			continue
		}
		if err := c.look(node, n.source); err != nil && c.ctx.Err() == nil {
			c.log.Warn("messages of the safety net could not be taken in; it is tried again", "node", node, "again_in", c.every, "err", err)
		}
	}
}

// look takes in what one node has. A message that cannot be taken in does not keep the others out.
func (c *Collector) look(node string, source NetSource) error {
	ctx, cancel := context.WithTimeout(c.ctx, time.Minute)
	defer cancel()
	stored, err := source.StoredRecordings(ctx)
	if err != nil {
		return fmt.Errorf("list the recordings: %w", err)
	}
	var failed error
	for _, r := range stored {
		n, ok := ParseNet(r.Name)
		if !ok {
			continue
		}
		if err := c.one(ctx, node, source, n); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", n.Name, err))
		}
	}
	return failed
}

func (c *Collector) one(ctx context.Context, node string, source NetSource, n Net) error {
	if _, err := source.Channel(ctx, n.Channel); !ari.IsNotFound(err) {
		return err // nil: the caller still speaks
	}
	taken, pending, ok := c.taker.Taken(n.Channel)
	switch {
	case !ok || pending:
		return nil
	case taken: // it is stored, and could not be deleted then
		if err := source.DeleteRecording(ctx, n.Name); err != nil && !gone(err) {
			return err
		}
		return nil
	}
	length, empty, err := probe(ctx, source, n.Name)
	if err != nil {
		return err
	}
	if err := c.taker.Take(ctx, node, n, length, empty); err != nil {
		return err
	}
	c.log.Info("a message of the safety net is taken in", "call", n.Channel, "node", node, "left", n.At, "length", length, "empty", empty)
	return nil
}

// probe listens to a recording: how long it is, and whether anything but silence is in it.
func probe(ctx context.Context, source NetSource, name string) (length time.Duration, empty bool, err error) {
	body, err := source.RecordingFile(ctx, name)
	if err != nil {
		return 0, false, err
	}
	defer body.Close() // only read
	side, err := newWAVReader(body)
	if err != nil {
		return 0, false, err
	}
	m, err := newMerged([]*wavReader{side})
	if err != nil {
		return 0, false, err
	}
	if _, err := io.Copy(io.Discard, m); err != nil {
		return 0, false, err
	}
	return m.duration(), m.loud.empty(), nil
}
