package centre

import (
	"context"
	"time"

	"hotline/floor"
)

// play makes the sounds of a prompt and plays them. Words that cannot be made into sound are left out; when none can,
// the prompt ends with the reason, so that the flow goes on.
func (l *lane) play(ctx context.Context, o orders) error {
	p := o.want.Play
	var media []string
	if p.Opener && l.via == "sip" && l.c.cfg.Opener != "" {
		media = append(media, l.c.cfg.Opener)
	}
	sounds, length, failed, ok := l.sounds(ctx, o)
	if !ok {
		return nil // the caller went on while the words were made
	}
	if len(sounds) == 0 {
		l.have.play = p.ID
		l.c.Submit(floor.Spoken{Call: l.call, Prompt: promptOf(p.ID), Failed: failed})
		return nil
	}
	if err := l.renew(ctx, o.want, length); err != nil {
		return err
	}
	if _, err := l.node.client.Play(ctx, o.want.Channel, p.ID, append(media, sounds...)...); err != nil {
		return err
	}
	l.have.play = p.ID
	return nil
}

// sounds makes what is to be said, and gives up as soon as something else is wanted: ok is false then.
func (l *lane) sounds(ctx context.Context, o orders) (media []string, length time.Duration, failed string, ok bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wanted := func() bool { return !l.over && l.want.Play != nil && l.want.Play.ID == o.want.Play.ID }
	l.mu.Lock()
	if ok = wanted(); ok {
		l.making = &prompting{play: o.want.Play.ID, cancel: cancel}
	}
	l.mu.Unlock()
	l.node.leave() // making words is no work for Asterisk
	defer l.node.enter(context.WithoutCancel(ctx))
	for _, p := range o.want.Play.Say {
		if !ok || ctx.Err() != nil {
			break
		}
		m, d, err := l.c.cfg.Speech.Sound(ctx, p)
		switch {
		case err == nil:
			media = append(media, m)
			length += d
		case ctx.Err() == nil:
			failed = err.Error()
			l.log.Error("a phrase cannot be spoken and is left out", "text", p.Text, "file", p.File, "lang", p.Lang, "err", err)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.making = nil
	if failed == "" {
		failed = "there was no time to make the words into sound"
	}
	return media, length, failed, wanted()
}
