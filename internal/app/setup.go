package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"hotline/ari"
)

// An Asterisk that answers may lack what is missed only when a caller needs it, and then in silence: without its beep a
// message is over before it begins, and the caller is thanked for it. So each one is looked over when its link comes up.

// setupTime bounds the look.
const setupTime = 20 * time.Second

// needed are the modules without which single requests fail; without the others there is no link.
var needed = []string{
	"app_stasis", "bridge_holding", "bridge_simple", "bridge_softmix", "chan_rtp", "codec_alaw", "codec_ulaw", "format_wav",
	"res_ari_sounds", "res_musiconhold", "res_stasis_playback", "res_stasis_recording", "res_stasis_snoop",
}

// setup is what is asked of an Asterisk.
type setup interface {
	Modules(ctx context.Context) ([]ari.Module, error)
	HasSound(ctx context.Context, id string) (bool, error)
}

// lacks says what is wrong with how an Asterisk was set up, with the remedies.
func lacks(ctx context.Context, pbx setup) (all []string, err error) {
	modules, err := pbx.Modules(ctx)
	if err != nil {
		return nil, err
	}
	runs := func(name string) bool {
		return slices.ContainsFunc(modules, func(m ari.Module) bool { return m.Name == name+".so" && m.Status == "Running" })
	}
	var missing []string
	for _, name := range needed {
		if !runs(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		all = append(all, "it does not run "+strings.Join(missing, ", ")+": load them in modules.conf")
	}
	if runs("bridge_native_rtp") {
		all = append(all, "it runs bridge_native_rtp, by which recordings may be silent: noload it in modules.conf")
	}
	if !runs("res_ari_sounds") {
		return all, nil // nobody could be asked
	}
	beep, err := pbx.HasSound(ctx, "beep")
	if err != nil {
		return nil, err
	}
	if !beep {
		all = append(all, "it has no sound beep, so nobody can leave a message: install asterisk-core-sounds-en-wav")
	}
	return all, nil
}

// lookOver tells the board and the log what an Asterisk lacks whose link has come up.
func (a *App) lookOver(node string) {
	i := slices.IndexFunc(a.links, func(l *ari.Conn) bool { return l.Node() == node })
	if i < 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), setupTime)
	defer cancel()
	all, err := lacks(ctx, a.links[i])
	switch id := "setup " + node; {
	case err != nil: // the link is down again, or will tell
		a.log.Warn("Asterisk could not be looked over", "node", node, "err", err)
	case len(all) == 0:
		a.alarms.clear(id)
	default:
		text := "Asterisk " + node + ": " + strings.Join(all, "; ")
		a.log.Error("ALARM: " + text)
		a.alarms.raise(id, "setup", text)
	}
}
