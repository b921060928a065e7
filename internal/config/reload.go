package config

import "reflect"

// Reloadable tells what keeps a running server from taking up a new configuration: sections that are read at start only.
// All the rest (flows, hours, lines, queues, agents, voices, limits) changes live.
func Reloadable(old, new *Config) Errors {
	var fixed Errors
	for _, s := range []struct {
		place    string
		old, new any
	}{
		{"pbx", old.PBX, new.PBX},
		{"softphone", old.Softphone, new.Softphone},
		{"http", old.HTTP, new.HTTP},
		{"postgres", old.Postgres, new.Postgres},
		{"state", old.State, new.State},
		{"journal", old.Journal, new.Journal},
		{"recording.folder", old.Recording.Folder, new.Recording.Folder},
		{"recording.format", old.Recording.Format, new.Recording.Format},
		{"desk.session", old.Desk.Session, new.Desk.Session},
		{"caller_page.per_minute", old.CallerPage.PerMinute, new.CallerPage.PerMinute},
		{"caller_page.at_once", old.CallerPage.AtOnce, new.CallerPage.AtOnce},
		{"prompts.asterisk", old.Prompts.Asterisk, new.Prompts.Asterisk},
		{"prompts.folder", old.Prompts.Folder, new.Prompts.Folder},
		{"centre.timezone", old.Centre.Timezone, new.Centre.Timezone}, // tickets are numbered by its days
	} {
		if !reflect.DeepEqual(s.old, s.new) {
			fixed = append(fixed, &Error{
				File: new.Path, Place: s.place, Reason: "this changed, and is read at start only", Remedy: "restart the server, or change it back",
			})
		}
	}
	return fixed
}
