package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/fact"
	"hotline/floor"
	"hotline/internal/config"
	"hotline/prompt"
)

// reloadTime bounds the speaking of new prompts before they come into force.
const reloadTime = 2 * time.Minute

// Reload reads the configuration again and puts it in force: callers keep their places, agents their calls. One that has
// an error, or that changes what is read at start only, is refused whole; the old one then stays, and the board says why.
func (a *App) Reload(ctx context.Context, file string) error {
	err := a.reload(ctx, file)
	if err != nil {
		a.log.Error("the new configuration is refused; the old one stays in force", "file", file, "err", err)
		a.alarms.refused(err)
		return err
	}
	a.alarms.clear("config")
	a.log.Info("the new configuration is in force", "file", file, "hash", a.cfg.Load().Hash)
	return nil
}

func (a *App) reload(ctx context.Context, file string) error {
	next, err := config.Load(file)
	if err != nil {
		return err
	}
	if next, err = a.takeUp(ctx, next); err != nil {
		return err
	}
	a.cfg.Store(next)
	a.centre.Reconfigure(floorConfig(next))
	return a.centre.Enter(ctx, floor.Configured{})
}

// speech is the store of prompts as the loop sees it: a reload may exchange it.
type speech struct{ a *App }

func (s speech) Sound(ctx context.Context, p fact.Phrase) (media string, length time.Duration, err error) {
	return s.a.prompts.Load().Sound(ctx, p)
}

// openPrompts opens the store of a configuration's prompts, and speaks what is known beforehand.
func (a *App) openPrompts(ctx context.Context, cfg *config.Config) (*prompt.Store, error) {
	engines := map[string]prompt.Engine{}
	for lang, v := range cfg.Prompts.Voices {
		e, err := prompt.NewEspeak(ctx, v.Voice, v.Speed)
		if err != nil {
			return nil, err
		}
		engines[lang] = e
	}
	pc := prompt.Config{
		Dir: a.folder(cfg, cfg.Prompts.Folder, "prompts"), Recorded: cfg.Prompts.Recorded, Engines: engines,
		Fallback: cfg.Centre.Languages[0], Bytes: int64(cfg.Prompts.Megabyte) << 20, Logger: a.log,
	}
	switch {
	case cfg.Prompts.Asterisk == "http":
		pc.Media = prompt.ByHTTP(cfg.Prompts.URL + "/prompts")
	case cfg.Prompts.Path != "":
		pc.Media = prompt.ByPath(cfg.Prompts.Path)
	}
	s, err := prompt.Open(pc)
	if err != nil {
		return nil, err
	}
	phrases := append(cfg.Book.Static(), floorConfig(cfg).Static()...)
	for _, a := range announcements(cfg) {
		phrases = append(phrases, a.Phrases(cfg.Centre.Languages)...)
	}
	err = s.Warm(ctx, phrases, func(done, total int) { a.opt.Progress("prompts are spoken", done, total) })
	if err != nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("not all could be spoken in time: %w", err)
	}
	return s, err
}
