package sip

import "time"

// LongestPause is the longest time without a packet of audio from one moment to another, both ends included: what a
// fault did to a stream that should never stop. Whether the audio was silence does not matter.
func (c *Caller) LongestPause(from, to time.Time) time.Duration { return c.stream.pause(from, to) }

// LongestPause is that of what the phone is sent.
func (p *Phone) LongestPause(from, to time.Time) time.Duration { return p.stream.pause(from, to) }

func (s *stream) pause(from, to time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, longest := from, time.Duration(0)
	for _, h := range s.heard {
		if h.at.Before(from) {
			continue
		}
		if h.at.After(to) {
			break
		}
		longest = max(longest, h.at.Sub(last))
		last = h.at
	}
	return max(longest, to.Sub(last))
}
