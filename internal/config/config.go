// Package config reads the one YAML tree that makes a centre: its lines, flows, queues, agents and links.
//
//	hotline.yaml ── strict decoding ──▶ Config ── rules across sections ──▶ Config with Book, Calendars, Hash
//	flows/*.yaml ─┘   (unknown key,        (a queue that is not there,
//	secrets ──────┘    no number, …)        a skill nobody has, …)
//	                         └───────────────────────┴────▶ Errors: file:line, place, reason, remedy; all at once
//
// Nothing here has a default in code that a house could not change in the file: Default is the whole list. A config
// is read whole or not at all.
package config

import (
	"time"

	"hotline/acd"
	"hotline/calendar"
	"hotline/ivr"
)

// Config is a centre as it was written, and what was made of it. Paths are as seen from the file's own folder when it
// is written, and resolved when it is read.
type Config struct {
	Centre        Centre                  `yaml:"centre"`
	Hours         map[string]Hours        `yaml:"hours"`
	Lines         map[string]Line         `yaml:"lines"`
	Flows         globs                   `yaml:"flows"`
	Phrases       map[string]ivr.Text     `yaml:"phrases"`
	Skills        []string                `yaml:"skills"`
	Queues        map[string]acd.Queue    `yaml:"queues"`
	Callers       Callers                 `yaml:"callers"`
	Announcements map[string]Announcement `yaml:"announcements"`
	NotReady      map[string]Reason       `yaml:"not_ready"`
	Agents        map[string]Agent        `yaml:"agents"`
	Supervisors   map[string]Supervisor   `yaml:"supervisors"`
	Admins        map[string]Person       `yaml:"admins"`
	Desk          Desk                    `yaml:"desk"`
	Alarms        Alarms                  `yaml:"alarms"`
	Messages      Messages                `yaml:"messages"`
	Recording     Recording               `yaml:"recording"`
	Callback      Callback                `yaml:"callback"`
	Prompts       Prompts                 `yaml:"prompts"`
	PBX           []Node                  `yaml:"pbx"`
	Softphone     Softphone               `yaml:"softphone"`
	CallerPage    CallerPage              `yaml:"caller_page"`
	HTTP          HTTP                    `yaml:"http"`
	Postgres      Postgres                `yaml:"postgres"`
	State         string                  `yaml:"state"` // the folder of journal, prompts and locks
	Journal       Journal                 `yaml:"journal"`

	// Path is the file that was read.
	Path string `yaml:"-"`
	// Hash changes when anything that was read changes: files, flows, secrets.
	Hash string `yaml:"-"`
	// Book holds the flows.
	Book *ivr.Book `yaml:"-"`
	// Zone is Centre.Timezone.
	Zone *time.Location `yaml:"-"`
	// Calendars are the Hours, by name.
	Calendars map[string]*calendar.Hours `yaml:"-"`

	// The names of the maps above in the order in which the files have them.
	queueOrder, agentOrder, reasonOrder, announcementOrder []string
}

// Centre is what is true of the whole house.
type Centre struct {
	Name      ivr.Text `yaml:"name"`
	Timezone  string   `yaml:"timezone"`
	Languages []string `yaml:"languages"` // the first is the one of labels and of callers who chose none
	// CountryCode and AreaCode complete numbers that are signalled without: 86 and 10.
	CountryCode string `yaml:"country_code"`
	AreaCode    string `yaml:"area_code"`
}

// Hours are opening hours. Their other keys are weekdays: mon-fri: 08:30-12:00, 13:00-17:30.
type Hours struct {
	Week     map[string]string `yaml:",inline"`
	Holidays Holidays          `yaml:"holidays"`
}

// Holidays are days that differ: a named set, or one with days of the house's own. The short way to write it is the
// name alone.
type Holidays struct {
	Set  string                `yaml:"set"`
	Days map[string]SpecialDay `yaml:"days"` // by date, or from/to: 2026-10-01/2026-10-07
}

// SpecialDay is one day that differs from its weekday.
type SpecialDay struct {
	Name ivr.Text `yaml:"name"`
	// Work makes a weekend a working day.
	Work bool `yaml:"work"`
	// Open are hours of its own; without it and Work the day is closed.
	Open string `yaml:"open"`
}

// Line is a number that can be called.
type Line struct {
	Flow  string   `yaml:"flow"`
	Title ivr.Text `yaml:"title"`
	// Open overrides the hours in the flow: always, never.
	Open string `yaml:"open"`
	// Language is the caller's from the start; without it the flow says everything in each language until one is chosen.
	Language string `yaml:"language"`
}

// Reason is why an agent is not ready.
type Reason struct {
	Title  ivr.Text      `yaml:"title"`
	Limit  time.Duration `yaml:"limit"`   // longer is an overrun on the board; 0: none
	AtOnce int           `yaml:"at_once"` // so many of a team at the same time, a further one waits in line; 0: any
}

// Agent takes calls. Passwords live in PostgreSQL, not here.
type Agent struct {
	Name   ivr.Text         `yaml:"name"`
	Team   string           `yaml:"team"` // within which not_ready.at_once counts; without one: those without
	Skills map[string]int   `yaml:"skills"`
	Queues []acd.Membership `yaml:"queues"`
	// Phone is a SIP phone that the agent may use instead of the browser: PJSIP/1001. Nothing else is ever dialled.
	Phone string `yaml:"phone"`
}

// Supervisor is somebody who watches queues.
type Supervisor struct {
	Name   ivr.Text `yaml:"name"`
	Queues []string `yaml:"queues"` // whose calls and recordings they may look up; none: all
}

// Person is an administrator.
type Person struct {
	Name ivr.Text `yaml:"name"`
}

// Desk is how patient the floor is with an agent's browser.
type Desk struct {
	Grace      time.Duration `yaml:"grace"`       // a desk may be away so long before its agent is signed out
	MediaGrace time.Duration `yaml:"media_grace"` // a talk waits so long for the agent's audio
	Session    time.Duration `yaml:"session"`     // a sign-in lasts so long
}

// Messages are callers' messages (voicemail).
type Messages struct {
	Limit   time.Duration `yaml:"limit"`
	Silence time.Duration `yaml:"silence"` // so much silence ends one
	Keep    time.Duration `yaml:"keep"`
}

// Callback is calling back instead of letting wait. Without a trunk nobody is called back.
type Callback struct {
	// Trunk is a PJSIP endpoint, or any endpoint with {number} (+8613…) or {digits} (8613…) in it.
	Trunk     string        `yaml:"trunk"`
	CallerID  string        `yaml:"caller_id"`
	First     string        `yaml:"first"`     // who is called first: agent, customer
	Permitted []string      `yaml:"permitted"` // beginnings of numbers; default: the own country
	Forbidden []string      `yaml:"forbidden"`
	PerDay    int           `yaml:"per_day"` // for one number
	Ring      time.Duration `yaml:"ring"`
	Retries   Retries       `yaml:"retries"`
	Expires   time.Duration `yaml:"expires"`
	Hours     string        `yaml:"hours"` // in which customers are called; default: at any time
}

// Retries are the tries after the first.
type Retries struct {
	Times int             `yaml:"times"`
	After []time.Duration `yaml:"after"` // before each of them; the last one counts on
}

// Recording is the recording of calls.
type Recording struct {
	Off    bool          `yaml:"off"`
	Folder string        `yaml:"folder"` // default: <state>/recordings
	Format string        `yaml:"format"` // opus, wav
	Keep   time.Duration `yaml:"keep"`
}

// Prompts are texts made into sound.
type Prompts struct {
	Voices map[string]Voice `yaml:"voices"` // by language
	// Recorded is a folder of recordings that replace texts: <folder>/<language>/<key>.wav, such as zh/main.menu.wav.
	Recorded string `yaml:"recorded"`
	Folder   string `yaml:"folder"`   // of the sounds made; default: <state>/prompts
	Megabyte int    `yaml:"megabyte"` // the most they may take
	// Asterisk is how it gets at the sounds: path (it sees the folder), or http (it fetches them from URL).
	Asterisk string `yaml:"asterisk"`
	// Path is Folder as Asterisk sees it, where that differs.
	Path string `yaml:"path"`
	// URL of this server as Asterisk reaches it.
	URL string `yaml:"url"`
}

// Voice is who speaks a language.
type Voice struct {
	Engine string `yaml:"engine"` // espeak-ng
	Voice  string `yaml:"voice"`
	Speed  int    `yaml:"speed"` // words a minute
}

// Node is one Asterisk.
type Node struct {
	Name     string `yaml:"name"`
	ARI      string `yaml:"ari"`
	User     string `yaml:"user"`
	Password Secret `yaml:"password"`
	App      string `yaml:"app"`
}

// Softphone is the agents' audio.
type Softphone struct {
	Listen    string   `yaml:"listen"` // address:port that browsers reach, UDP
	TCP       bool     `yaml:"tcp"`    // and TCP, for networks that block UDP
	PublicIPs []string `yaml:"public_ips"`
	Loopback  bool     `yaml:"loopback"`
	RTP       string   `yaml:"rtp"`    // address:port that Asterisk reaches
	Format    string   `yaml:"format"` // ulaw, alaw
	TURN      TURN     `yaml:"turn"`
}

// TURN are relays for browsers whose network lets nothing else through, and STUN servers.
type TURN struct {
	URLs     []string      `yaml:"urls"`
	Secret   Secret        `yaml:"secret"`
	Lifetime time.Duration `yaml:"lifetime"`
}

// CallerPage lets a visitor's browser call the hotline.
type CallerPage struct {
	Enabled   bool   `yaml:"enabled"`
	Line      string `yaml:"line"`
	PerMinute int    `yaml:"per_minute"` // calls from one address
	AtOnce    int    `yaml:"at_once"`    // calls of all visitors together
}

// HTTP is where browsers and programs come in.
type HTTP struct {
	Listen  string   `yaml:"listen"`
	TLS     TLS      `yaml:"tls"`
	Origins []string `yaml:"origins"` // other sites whose pages may speak to the server
	// Metrics is an address of its own for /metrics; without it they are on Listen.
	Metrics string `yaml:"metrics"`
}

// TLS says how HTTPS is spoken. Off localhost a browser gives no microphone without it.
type TLS struct {
	Mode string `yaml:"mode"` // off, self-signed, files, proxy
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
	// Proxies are the addresses whose X-Forwarded-For is believed, in mode proxy; none: this machine's own.
	Proxies []string `yaml:"proxies"`
}

// Postgres is the archive.
type Postgres struct {
	DSN Secret `yaml:"dsn"`
}

// Journal is the log of facts.
type Journal struct {
	Fsync string        `yaml:"fsync"` // always, interval, never
	Every time.Duration `yaml:"every"` // for interval
	Keep  time.Duration `yaml:"keep"`
}

// globs are patterns of files; a single one may be written without a list.
type globs []string

// Secret is a password or the like. It is written as password, password_file (a path beside the configuration) or
// password_env, and never shown.
type Secret struct{ value string }

// NewSecret wraps a secret that comes from elsewhere.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal is the secret itself.
func (s Secret) Reveal() string { return s.value }

// String keeps it out of logs.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return "(secret)"
}

// MarshalText keeps it out of JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// GoString keeps it out of %#v.
func (s Secret) GoString() string { return s.String() }

// Default is a configuration that says nothing.
func Default() Config {
	return Config{
		Centre: Centre{Timezone: "Asia/Shanghai", Languages: []string{"zh", "en"}, CountryCode: "86"},
		Alarms: Alarms{Over: 30 * time.Minute, Least: 20, Surge: Surge{Over: 10 * time.Minute, Times: 3, Least: 20}},
		Desk:   Desk{Grace: 30 * time.Second, MediaGrace: 30 * time.Second, Session: 16 * time.Hour},
		Messages: Messages{
			Limit: 2 * time.Minute, Silence: 5 * time.Second, Keep: 180 * 24 * time.Hour,
		},
		Callback: Callback{
			First: "agent", PerDay: 2, Ring: 30 * time.Second, Expires: 24 * time.Hour,
			Retries: Retries{Times: 3, After: []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour}},
		},
		Recording: Recording{Format: "opus", Keep: 180 * 24 * time.Hour},
		Prompts: Prompts{
			Voices: map[string]Voice{
				"zh": {Engine: "espeak-ng", Voice: "cmn-latn-pinyin", Speed: 160},
				"en": {Engine: "espeak-ng", Voice: "en-gb", Speed: 145},
			},
			Megabyte: 512,
			Asterisk: "path",
		},
		Softphone: Softphone{
			Listen: "127.0.0.1:0", RTP: "127.0.0.1:0", Format: "ulaw",
			TURN: TURN{Lifetime: 12 * time.Hour},
		},
		CallerPage: CallerPage{PerMinute: 3, AtOnce: 10},
		HTTP:       HTTP{Listen: "127.0.0.1:8080", TLS: TLS{Mode: "off"}},
		State:      "state",
		Journal:    Journal{Fsync: "always", Every: 100 * time.Millisecond, Keep: 30 * 24 * time.Hour},
	}
}

// ACDQueues are the queues for acd, with defaults, in the order of the file.
func (c *Config) ACDQueues() []acd.Queue {
	all := make([]acd.Queue, 0, len(c.queueOrder))
	for _, name := range c.queueOrder {
		q := c.Queues[name]
		q.ID = name
		all = append(all, q.WithDefaults())
	}
	return all
}

// ACDAgents are the agents for acd, in the order of the file.
func (c *Config) ACDAgents() []acd.Agent {
	all := make([]acd.Agent, 0, len(c.agentOrder))
	for _, login := range c.agentOrder {
		a := c.Agents[login]
		all = append(all, acd.Agent{ID: login, Skills: a.Skills, Queues: a.Queues})
	}
	return all
}

// Phones are the desk phones, by agent.
func (c *Config) Phones() map[string]string {
	all := map[string]string{}
	for login, a := range c.Agents {
		if a.Phone != "" {
			all[login] = a.Phone
		}
	}
	return all
}

// Reasons are the reasons for not ready, in the order of the file.
func (c *Config) Reasons() []string { return c.reasonOrder }
