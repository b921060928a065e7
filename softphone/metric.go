package softphone

import (
	"errors"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// endReason is why a session ended, used alike by log and metric.
type endReason int

const (
	endReplaced endReason = iota + 1 // the phone attached again
	endDetached                      // Detach
	endClosed                        // the browser hung up
	endLost                          // ICE or DTLS failed, or went silent for good
	endStopped                       // Stop
	endRefused                       // never became the phone's session; not counted
)

var endReasons = []endReason{endReplaced, endDetached, endClosed, endLost, endStopped}

func (e endReason) String() string {
	switch e {
	case endReplaced:
		return "replaced"
	case endDetached:
		return "detached"
	case endClosed:
		return "closed"
	case endLost:
		return "lost"
	case endStopped:
		return "stopped"
	case endRefused:
		return "refused"
	default:
		return "unknown"
	}
}

// dropReason is why a packet was not relayed.
type dropReason int

const (
	dropUnlinked  dropReason = iota // from a browser whose phone has no leg, or that was replaced
	dropAbsent                      // for a phone without a browser
	dropStranger                    // to the RTP socket from an address that is no leg
	dropMalformed                   // no RTP
	dropFormat                      // not our codec: comfort noise, keys from Asterisk, a wrong leg
	dropLate                        // repeated or overtaken
	dropSpared                      // given up to stay beside the clock
	dropFlood                       // faster than sound
	dropStalled                     // the browser's connection did not keep up
	dropSend                        // the network refused it, or the connection is not up
	dropReceive                     // the socket reported an error
	dropPress                       // a key that nobody took in time
	dropReasons
)

var dropNames = [dropReasons]string{
	"unlinked", "absent", "stranger", "malformed", "format", "late", "spared", "flood", "stalled", "send", "receive", "press",
}

// counters are touched for each packet, hence plain atomics; the collector
// reads them when Prometheus asks.
type counters struct {
	toAsterisk, toBrowser                             atomic.Uint64
	drops                                             [dropReasons]atomic.Uint64
	ends                                              [endRefused]atomic.Uint64
	attached, attachRefused, attachFull, attachFailed atomic.Uint64
}

func (c *counters) drop(why dropReason) { c.drops[why].Add(1) }

func (c *counters) end(why endReason) { c.ends[why].Add(1) }

func (c *counters) attach(err error) {
	switch {
	case err == nil:
		c.attached.Add(1)
	case errors.Is(err, ErrOffer):
		c.attachRefused.Add(1)
	case errors.Is(err, ErrFull):
		c.attachFull.Add(1)
	default:
		c.attachFailed.Add(1)
	}
}

// collector is what Start registers.
type collector struct{ x *Exchange }

func (x *Exchange) collector() prometheus.Collector { return collector{x} }

var (
	descPhones = prometheus.NewDesc("hotline_softphone_phones",
		"Phones in use, by the state of their browser's media.", []string{"media"}, nil)
	descAlive = prometheus.NewDesc("hotline_softphone_phones_alive",
		"Phones whose browser sends RTP.", nil, nil)
	descLinked = prometheus.NewDesc("hotline_softphone_phones_linked",
		"Phones with a leg in Asterisk.", nil, nil)
	descPackets = prometheus.NewDesc("hotline_softphone_packets_total",
		"RTP packets relayed.", []string{"to"}, nil)
	descDropped = prometheus.NewDesc("hotline_softphone_dropped_packets_total",
		"RTP packets not relayed.", []string{"reason"}, nil)
	descAttaches = prometheus.NewDesc("hotline_softphone_attaches_total",
		"Offers of browsers, by result.", []string{"result"}, nil)
	descEnds = prometheus.NewDesc("hotline_softphone_sessions_ended_total",
		"Sessions of browsers that ended.", []string{"reason"}, nil)
)

func (collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descPhones, descAlive, descLinked, descPackets, descDropped, descAttaches, descEnds} {
		ch <- d
	}
}

func (c collector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, n int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	count := func(d *prometheus.Desc, n *atomic.Uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n.Load()), labels...)
	}
	media, alive, linked := map[Media]int{}, 0, 0
	for _, s := range c.x.Statuses() {
		media[s.Media]++
		if s.Alive {
			alive++
		}
		if s.Link.IsValid() {
			linked++
		}
	}
	for _, m := range []Media{NoBrowser, Connecting, Connected, Interrupted} {
		gauge(descPhones, media[m], m.String())
	}
	gauge(descAlive, alive)
	gauge(descLinked, linked)
	n := &c.x.counts
	count(descPackets, &n.toAsterisk, "asterisk")
	count(descPackets, &n.toBrowser, "browser")
	for why, name := range dropNames {
		count(descDropped, &n.drops[why], name)
	}
	count(descAttaches, &n.attached, "attached")
	count(descAttaches, &n.attachRefused, "refused")
	count(descAttaches, &n.attachFull, "full")
	count(descAttaches, &n.attachFailed, "failed")
	for _, why := range endReasons {
		count(descEnds, &n.ends[why], why.String())
	}
}
