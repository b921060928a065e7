package sip

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Many is a number of calls placed by one SIPp. Target, Withheld, Headers,
// OfferInACK and ReferTo are taken from the first call: they are the scenario's.
type Many struct {
	Calls []Options
	Rate  float64 // calls begun per second; 0 is 10
}

// Run is many calls on their way.
type Run struct {
	Callers []*Caller // in the order of Many.Calls
	sipp    *sipp
	over    chan struct{}
	count   Count // read after over
	err     error // likewise
}

// Count is what SIPp's own statistics file said at its end: calls that went one
// of the scenario's ways, and calls that did not.
type Count struct{ Created, Successful, Failed int }

// CallMany begins the calls at the rate, each with a socket, a tone and keys of
// its own.
func CallMany(ctx context.Context, many Many) (*Run, error) {
	if len(many.Calls) == 0 {
		return nil, errors.New("no calls to place")
	}
	run := &Run{over: make(chan struct{})}
	for _, opt := range many.Calls {
		c, err := newCaller(opt)
		if err != nil {
			run.closeStreams()
			return nil, err
		}
		run.Callers = append(run.Callers, c)
	}
	if err := run.start(ctx, many); err != nil {
		run.closeStreams()
		return nil, err
	}
	return run, nil
}

func (r *Run) start(ctx context.Context, many Many) error {
	numbers, err := os.CreateTemp("", "hotline-calls-*.csv")
	if err != nil {
		return err
	}
	defer os.Remove(numbers.Name()) // SIPp has read it by its first event
	fmt.Fprintln(numbers, "SEQUENTIAL")
	for i, c := range r.Callers {
		fmt.Fprintf(numbers, "%d;%s;%s;%d;%s;%s;\n", i, c.opt.To, c.opt.From, c.stream.port(), c.opt.Codec.payloads(), c.opt.Codec.rtpmap())
	}
	if err := numbers.Close(); err != nil {
		return err
	}

	first := many.Calls[0]
	rate := many.Rate
	if rate == 0 {
		rate = 10
	}
	count := strconv.Itoa(len(r.Callers))
	args := []string{
		first.Target, "-inf", numbers.Name(), "-m", count, "-l", count,
		"-r", strconv.Itoa(max(1, int(rate*10))), "-rp", "10000",
	}
	if first.Verbose {
		args = append(args, "-trace_msg", "-message_file", "messages")
	}

	// The first event waits until every caller knows its SIPp.
	ready := make(chan struct{})
	read := make(chan struct{})
	var once bool
	r.sipp, err = startSIPp(ctx, 0, "caller.xml", scenarioValues(first), args, func(event string, fields []string) {
		<-ready
		if !once {
			once = true
			close(read)
		}
		if i, err := strconv.Atoi(fields[0]); err == nil && i >= 0 && i < len(r.Callers) {
			r.Callers[i].told(event, fields[1:])
		}
	}, func(err error) {
		<-ready
		for _, c := range r.Callers {
			c.over(err)
		}
		r.count, r.err = r.sipp.clear(err)
		close(r.over)
	})
	if err != nil {
		return err
	}
	for _, c := range r.Callers {
		c.sipp = r.sipp
	}
	close(ready)
	select {
	case <-read:
	case <-r.over:
	}
	return nil
}

// scenarioValues fills caller.xml in.
func scenarioValues(opt Options) any {
	from := "<sip:[field2]@[local_ip]:[local_port]>"
	headers := opt.Headers
	if opt.Withheld {
		from = `"Anonymous" <sip:anonymous@anonymous.invalid>`
		headers = append([]string{"P-Asserted-Identity: <sip:[field2]@[local_ip]>", "Privacy: id"}, headers...)
	}
	return struct {
		From       string
		Headers    []string
		OfferInACK bool
		ReferTo    string
		Refusals   []int
	}{from, headers, opt.OfferInACK, opt.ReferTo, refusals}
}

func (r *Run) closeStreams() {
	for _, c := range r.Callers {
		c.stream.close()
	}
}

// Wait returns when all calls are over, with SIPp's own count. An error is a
// call that failed in the driver or in SIP.
func (r *Run) Wait(ctx context.Context) (Count, error) {
	select {
	case <-r.over:
	case <-ctx.Done():
		return Count{}, fmt.Errorf("%d calls: %w", len(r.Callers), context.Cause(ctx))
	}
	return r.count, r.err
}

// Ways counts how the calls ended.
func (r *Run) Ways() map[Way]int {
	ways := map[Way]int{}
	for _, c := range r.Callers {
		c.mu.Lock()
		ways[c.ending.Way]++
		c.mu.Unlock()
	}
	return ways
}

// clear reads the statistics and removes SIPp's files. A run whose test ended first has failed, too: its files are kept
// only where that is asked for.
func (s *sipp) clear(failure error) (Count, error) {
	count, err := readStatistics(s.file("statistics"))
	err = errors.Join(failure, err)
	switch {
	case err != nil && kept():
		return count, fmt.Errorf("%w (SIPp's files are in %s)", err, s.dir)
	case err != nil:
		err = fmt.Errorf("%w (HOTLINE_KEEP=1 keeps SIPp's files)", err)
	}
	return count, errors.Join(err, s.remove())
}

// readStatistics reads the last line of SIPp's statistics: (C) is cumulative.
func readStatistics(path string) (Count, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return Count{}, err
	}
	rows := csv.NewReader(strings.NewReader(string(file)))
	rows.Comma, rows.FieldsPerRecord, rows.LazyQuotes = ';', -1, true
	all, err := rows.ReadAll()
	if err != nil {
		return Count{}, fmt.Errorf("SIPp's statistics %s: %w", path, err)
	}
	if len(all) < 2 {
		return Count{}, fmt.Errorf("SIPp's statistics %s: no line", path)
	}
	var count Count
	for i, name := range all[0] {
		var into *int
		switch name {
		case "TotalCallCreated":
			into = &count.Created
		case "SuccessfulCall(C)":
			into = &count.Successful
		case "FailedCall(C)":
			into = &count.Failed
		default:
			continue
		}
		if *into, err = strconv.Atoi(all[len(all)-1][i]); err != nil {
			return Count{}, fmt.Errorf("SIPp's statistics %s: %s: %w", path, name, err)
		}
	}
	return count, nil
}

// Longest is how long the callers waited for an answer at most; only the
// answered ones count.
func (r *Run) Longest() time.Duration {
	var longest time.Duration
	for _, c := range r.Callers {
		if at := c.AnsweredAt(); !at.IsZero() {
			longest = max(longest, at.Sub(c.Began()))
		}
	}
	return longest
}
