package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"hotline/ari"
	"hotline/desk"
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

// flaws are what is wrong with how an Asterisk was set up.
type flaws struct {
	faults  []desk.SetupFault
	modules []string // that it does not run
}

// String says them with the remedies, for the log and for programs.
func (f flaws) String() string {
	var all []string
	for _, x := range f.faults {
		switch x {
		case desk.NoModules:
			all = append(all, "it does not run "+strings.Join(f.modules, ", ")+": load them in modules.conf")
		case desk.NativeRTP:
			all = append(all, "it runs bridge_native_rtp, by which recordings may be silent: noload it in modules.conf")
		case desk.NoBeep:
			all = append(all, "it has no sound beep, so nobody can leave a message: install asterisk-core-sounds-en-wav")
		}
	}
	return strings.Join(all, "; ")
}

// lacks looks an Asterisk over.
func lacks(ctx context.Context, pbx setup) (f flaws, err error) {
	modules, err := pbx.Modules(ctx)
	if err != nil {
		return f, err
	}
	runs := func(name string) bool {
		return slices.ContainsFunc(modules, func(m ari.Module) bool { return m.Name == name+".so" && m.Status == "Running" })
	}
	for _, name := range needed {
		if !runs(name) {
			f.modules = append(f.modules, name)
		}
	}
	if len(f.modules) > 0 {
		f.faults = append(f.faults, desk.NoModules)
	}
	if runs("bridge_native_rtp") {
		f.faults = append(f.faults, desk.NativeRTP)
	}
	if !runs("res_ari_sounds") {
		return f, nil // nobody could be asked
	}
	beep, err := pbx.HasSound(ctx, "beep")
	if err != nil {
		return flaws{}, err
	}
	if !beep {
		f.faults = append(f.faults, desk.NoBeep)
	}
	return f, nil
}

// lookOver tells the board and the log what an Asterisk lacks whose link has come up.
func (a *App) lookOver(node string) {
	i := slices.IndexFunc(a.links, func(l *ari.Conn) bool { return l.Node() == node })
	if i < 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), setupTime)
	defer cancel()
	found, err := lacks(ctx, a.links[i])
	switch id := "setup " + node; {
	case err != nil: // the link is down again, or will tell
		a.log.Warn("Asterisk could not be looked over", "node", node, "err", err)
	case len(found.faults) == 0:
		a.alarms.clear(id)
	default:
		text := "Asterisk " + node + ": " + found.String()
		a.log.Error("ALARM: " + text)
		a.alarms.put(desk.Alarm{ID: id, Kind: desk.SetupFaulty, Text: text, Node: node, Faults: found.faults, Modules: found.modules})
	}
}
