package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// progress tells a waiting person what is being done, a line for each step with the time since the start. What is
// counted is counted in place on a terminal; elsewhere, a file or a CI log, its line comes when all is done.
type progress struct {
	out      *os.File
	terminal bool
	began    time.Time
	open     bool // the last line may be written over
}

func newProgress(out *os.File) *progress {
	st, err := out.Stat()
	return &progress{out: out, terminal: err == nil && st.Mode()&os.ModeCharDevice != 0, began: time.Now()}
}

func (p *progress) elapsed() time.Duration { return time.Since(p.began) }

func (p *progress) step(what string, done, total int) {
	p.clear()
	line := fmt.Sprintf("%6.1f s  %s", p.elapsed().Seconds(), what)
	if total > 0 {
		line += fmt.Sprintf(" (%d of %d)", done, total)
	}
	switch {
	case done == total:
		fmt.Fprintln(p.out, line)
	case p.terminal:
		fmt.Fprint(p.out, line)
		p.open = true
	}
}

// bar draws how much is done on a terminal, and nothing elsewhere.
func (p *progress) bar(what string, done, total int) {
	if !p.terminal || total <= 0 {
		return
	}
	p.clear()
	const width = 40
	full := min(width, width*done/total)
	fmt.Fprintf(p.out, "%6.1f s  %s [%s%s] %d of %d", p.elapsed().Seconds(), what,
		strings.Repeat("█", full), strings.Repeat("·", width-full), done, total)
	p.open = true
}

// clear takes away a line that is not final.
func (p *progress) clear() {
	if p.open {
		fmt.Fprint(p.out, "\r\033[K")
		p.open = false
	}
}

// end leaves the cursor at the start of a line.
func (p *progress) end() { p.clear() }
