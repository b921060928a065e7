package sip

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

// Load are callers in numbers, for measuring: one SIPp, no sound of their own, nothing heard. Each calls, is answered,
// and stays until the other side ends the call, or until its patience is over.
type Load struct {
	Target   string  // host:port to call
	To       string  // the number dialled
	Rate     float64 // calls begun per second
	Calls    int     // in all; 0: until Stop
	AtOnce   int     // at most so many at the same time; 0: no limit
	Patience time.Duration
}

// LoadRun is a load on its way.
type LoadRun struct {
	sipp *sipp
	sink *net.UDPConn
	over chan struct{}

	mu    sync.Mutex
	count LoadCount
	err   error // read after over
}

// LoadCount is what became of the callers so far.
type LoadCount struct {
	Answered int // the line answered
	Served   int // the other side ended the call: somebody had talked to the caller
	Left     int // the caller's patience was over, and the caller hung up
	Refused  int // by a status from 400 on
	Status   int // of the last refusal
	Failed   int // calls that went no way of the scenario: no answer at all, a message out of order
}

// Bad is how many calls did not go as a caller would want, those who were to leave by themselves not counted.
func (c LoadCount) Bad() int { return c.Refused + c.Failed }

// Begin starts the load.
func (l Load) Begin(ctx context.Context) (*LoadRun, error) {
	// The callers' RTP has one address, and nobody reads there: the kernel drops what does not fit.
	sink, err := net.ListenUDP("udp4", &net.UDPAddr{IP: loopback})
	if err != nil {
		return nil, err
	}
	r := &LoadRun{sink: sink, over: make(chan struct{})}
	args := []string{l.Target, "-s", l.To, "-r", strconv.Itoa(max(1, int(l.Rate*10))), "-rp", "10000", "-recv_timeout", "10000"}
	if l.Calls > 0 {
		args = append(args, "-m", strconv.Itoa(l.Calls))
	}
	if l.AtOnce > 0 {
		args = append(args, "-l", strconv.Itoa(l.AtOnce))
	} else {
		args = append(args, "-l", "100000")
	}
	values := struct {
		RTP, Patience int
		Refusals      []int
	}{sink.LocalAddr().(*net.UDPAddr).Port, int(l.Patience.Milliseconds()), refusals}
	r.sipp, err = startSIPp(ctx, 0, "load.xml", values, args, r.told, r.ended)
	if err != nil {
		sink.Close()
		return nil, err
	}
	return r, nil
}

func (r *LoadRun) told(event string, fields []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch event {
	case "answered":
		r.count.Answered++
	case "served":
		r.count.Served++
	case "left":
		r.count.Left++
	case "refused":
		r.count.Refused++
		if _, err := fmt.Sscan(fields[0], &r.count.Status); err != nil {
			r.err = fmt.Errorf("status of a refusal: %w", err)
		}
	}
}

// ended adds SIPp's own count of failures: those calls told nothing.
func (r *LoadRun) ended(error) {
	stats, err := readStatistics(r.sipp.file("statistics"))
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
	r.count.Failed = stats.Failed
	r.sink.Close()
	close(r.over)
}

// Count is what became of the callers so far; calls without any answer are known at the end only.
func (r *LoadRun) Count() LoadCount {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

// Wait returns when all calls are over. That callers were refused or failed is in the count, not an error.
func (r *LoadRun) Wait(ctx context.Context) (LoadCount, error) {
	select {
	case <-r.over:
	case <-ctx.Done():
		return r.Count(), fmt.Errorf("the load goes on: %w", context.Cause(ctx))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count, r.err
}

// Stop places no more calls, and hangs up those there are by the callers' patience.
func (r *LoadRun) Stop() error { return r.sipp.quit() }

// Close kills SIPp, if it runs, and removes its files.
func (r *LoadRun) Close() error {
	if err := r.sipp.proc.Kill(); err != nil {
		return err
	}
	<-r.over
	return r.sipp.remove()
}

// Rack are desk phones that answer at once, talk for a time and hang up: one SIPp for all of them. Point each endpoint's
// AOR at sip:NAME@127.0.0.1:PORT.
type Rack struct {
	sipp *sipp
	sink *net.UDPConn
	over chan struct{}
}

// RackOptions of a rack.
type RackOptions struct {
	Port int
	Talk time.Duration
	// Told hears, in order, of each phone that begins to talk and of each that is about to hang up. It must not block.
	Told func(phone string, talking bool)
}

// PlugInRack starts the phones.
func PlugInRack(ctx context.Context, opt RackOptions) (*Rack, error) {
	sink, err := net.ListenUDP("udp4", &net.UDPAddr{IP: loopback})
	if err != nil {
		return nil, err
	}
	k := &Rack{sink: sink, over: make(chan struct{})}
	values := struct {
		RTP, Talk int
		Tells     bool
	}{sink.LocalAddr().(*net.UDPAddr).Port, int(opt.Talk.Milliseconds()), opt.Told != nil}
	k.sipp, err = startSIPp(ctx, opt.Port, "rack.xml", values, []string{"-l", "100000"}, func(event string, fields []string) {
		opt.Told(fields[0], event == "talking")
	}, func(error) { close(k.over) })
	if err != nil {
		sink.Close()
		return nil, err
	}
	return k, nil
}

// Unplug ends the phones as a pulled cable would.
func (k *Rack) Unplug() error {
	if err := k.sipp.proc.Kill(); err != nil {
		return err
	}
	<-k.over
	k.sink.Close()
	return k.sipp.remove()
}
