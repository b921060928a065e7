package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"hotline/configs/asterisk"
)

// render writes Dir/etc and makes the folders that Asterisk expects. A prompt in
// SoundsDir is `sound:hotline/NAME` as it would be on a remote Asterisk.
func (a *Asterisk) render() error {
	for _, dir := range []string{"etc/hotline", "lib", "data/sounds", "data/agi-bin", "cache", "spool", "log/cdr-csv"} {
		if err := os.MkdirAll(filepath.Join(a.cfg.Dir, dir), 0o700); err != nil {
			return err
		}
	}
	for _, dir := range []string{a.cfg.RecordingDir, a.cfg.MessageDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if err := a.link(); err != nil {
		return err
	}
	return a.writeConfig()
}

func (a *Asterisk) writeConfig() error {
	values := struct {
		AsteriskConfig
		ModuleDir, RunDir, SystemName  string
		RTPStart, RTPEnd, LeaseSeconds int
	}{
		a.cfg, a.in.modules, a.runDir, fmt.Sprintf("hotline-%d", a.cfg.SIPPort),
		a.cfg.RTPPorts.First, a.cfg.RTPPorts.Last, int(math.Ceil(a.cfg.Lease.Seconds())),
	}
	return fs.WalkDir(asterisk.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := asterisk.Files.ReadFile(path)
		if err != nil {
			return err
		}
		name, private := strings.CutPrefix(path, "sandbox/")
		out := filepath.Join(a.cfg.Dir, "etc", filepath.FromSlash(name))
		if !private {
			return os.WriteFile(out, text, 0o600)
		}
		page, err := template.New(path).Option("missingkey=error").Parse(string(text))
		if err != nil {
			return err
		}
		var rendered strings.Builder
		if err := page.Execute(&rendered, values); err != nil {
			return err
		}
		return os.WriteFile(out, []byte(rendered.String()), 0o600)
	})
}

// link builds astdatadir and the recording folder out of links: what belongs to
// the installation stays there.
func (a *Asterisk) link() error {
	data := filepath.Join(a.cfg.Dir, "data")
	links := map[string]string{
		filepath.Join(a.cfg.Dir, "spool", "recording"): a.cfg.RecordingDir,
	}
	for _, part := range []string{"documentation", "rest-api", "moh"} {
		links[filepath.Join(data, part)] = filepath.Join(a.in.shared, part)
	}
	if a.cfg.SoundsDir != "" {
		dir, err := filepath.Abs(a.cfg.SoundsDir)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		links[filepath.Join(data, "sounds", "hotline")] = dir
	}
	// Debian's `en` is an absolute link that leads nowhere outside a chroot: take
	// the folder of recordings itself.
	if english, err := first(a.in.shared, "sounds/en_US_f_Allison", "sounds/en/hello-world.*", "sounds/en"); err == nil {
		if strings.HasPrefix(filepath.Base(english), "hello-world") {
			english = filepath.Dir(english)
		}
		links[filepath.Join(data, "sounds", "en")] = english
	}
	for link, target := range links {
		if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := os.Symlink(target, link); err != nil {
			return err
		}
	}
	return nil
}
