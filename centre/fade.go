package centre

import (
	"context"
	"strings"
	"time"

	"hotline/ari"
)

// Asterisk may miss that music or a tone is to end. While one of its threads makes the next 20 ms of it, what plays is not
// noted at the channel, so who ends it finds nothing to end, answers that all is well, and the thread notes it again (seen
// on 22.10.1 in one of 2400 stops of a channel in a bridge: generator_force in its channel.c). Whether it plays cannot be
// asked, and a caller would hear music in place of the agent. So it is ended again, each time at another moment of those
// 20 ms; once too often does nothing.
var fadeAfter = [...]time.Duration{7 * time.Millisecond, 33 * time.Millisecond, 1010 * time.Millisecond}

// fade is how far the ending of the music on a caller's channel is.
type fade struct {
	left []time.Duration // pauses before it is ended again
	next time.Time
}

func (f *fade) begin() { f.left = fadeAfter[:]; f.wait() }

func (f *fade) wait() {
	if len(f.left) > 0 {
		f.next, f.left = time.Now().Add(f.left[0]), f.left[1:]
	} else {
		*f = fade{}
	}
}

func (f *fade) due() bool { return !f.next.IsZero() && !time.Now().Before(f.next) }

// fadeIn is when it is due.
func (l *lane) fadeIn() time.Duration {
	if l.fade.next.IsZero() || l.have.play != "" {
		return idle
	}
	return max(time.Millisecond, time.Until(l.fade.next))
}

// musicOffAgain is no matter of life and death: who refuses it has no music to be ended.
func (l *lane) musicOffAgain(ctx context.Context, o orders) error {
	if err := l.node.client.StopMOH(ctx, o.want.Channel); ari.IsUnanswered(err) {
		return err
	}
	l.fade.wait()
	return nil
}

// endTone ends the ringing that an agent hears of a customer's phone.
func (c *Centre) endTone(ctx context.Context, n *node, call string) error {
	p, err := n.client.Playback(ctx, ringID(call))
	if err == nil {
		err = n.client.StopPlayback(ctx, ringID(call))
	}
	if err != nil && !ari.IsNotFound(err) {
		return err
	}
	if leg, ok := strings.CutPrefix(p.TargetURI, "channel:"); ok {
		c.spawn(func() { c.fadeTone(n, leg) })
	}
	return nil
}

// fadeTone ends what is generated for a leg, as often as fadeAfter says: the end of music is the end of any tone.
func (c *Centre) fadeTone(n *node, leg string) {
	ctx, cancel := context.WithTimeout(c.requests, opTime)
	defer cancel()
	for _, pause := range fadeAfter {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		if err := n.client.StopMOH(ctx, leg); err != nil {
			return // the leg is gone, and the tone with it; or nobody answers
		}
	}
}
