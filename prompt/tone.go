package prompt

import "math"

// Beep and Zip are the files of phrases that are tones: fact.Phrase{File: prompt.Beep}.
const (
	// Beep tells a caller to speak now.
	Beep = "tone.beep"
	// Zip tells an agent that a caller is about to be connected.
	Zip = "tone.zip"
	// Silence is 300 ms of nothing: an answered channel is not heard from its first moment.
	Silence = "tone.silence"
)

var tones = map[string]func() pcm{
	Beep: func() pcm { return tone(note{hz: 1000, ms: 400}) },
	Zip:  func() pcm { return tone(note{hz: 440, ms: 90}, note{ms: 40}, note{hz: 660, ms: 120}) },

	Silence: func() pcm { return tone(note{ms: 300}) },
}

// note is a sine, or a pause.
type note struct{ hz, ms float64 }

// tone plays notes one after the other, each with soft edges so that none clicks.
func tone(notes ...note) pcm {
	const edge = 0.008 * Rate
	p := pcm{rate: Rate}
	for _, n := range notes {
		count := int(n.ms / 1000 * Rate)
		for i := range count {
			soft := min(1, float64(i)/edge, float64(count-1-i)/edge)
			p.samples = append(p.samples, 0.2*soft*math.Sin(2*math.Pi*n.hz*float64(i)/Rate))
		}
	}
	return p
}
