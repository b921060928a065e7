package desk

//go:generate go run ./internal/tsgen

import (
	"encoding/json"
	"time"

	"hotline/fact"
	"hotline/floor"
)

// Envelope is every websocket message, both ways. Topics are numbered: a client that comes back names the epoch and
// the last seq it saw of a topic and gets the deltas since, or, when they are gone or the epoch is another, a snapshot.
type Envelope struct {
	V     int    `json:"v"` // 1
	Topic string `json:"topic,omitempty"`
	Epoch string `json:"epoch,omitempty"` // changes when the server cannot continue a topic's numbers
	Seq   uint64 `json:"seq,omitempty"`
	// Type is, from the client: subscribe, unsubscribe, command, ping;
	// from the server: snapshot, delta, reply (to command, subscribe; ID echoed), pong, bye (the reason why it closes).
	Type string          `json:"type"`
	ID   string          `json:"id,omitempty"` // of a command: chosen by the client, makes it idempotent
	Data json.RawMessage `json:"data,omitempty"`
}

// The topics.
const (
	TopicMe    = "me"    // Me; every signed-in user with an agent's seat
	TopicBoard = "board" // Board; supervisors and administrators
	TopicLists = "lists" // Lists: counts of the worklists, so that pages know when to reload them
)

// Subscribe is the data of a subscribe message.
type Subscribe struct {
	Epoch string `json:"epoch,omitempty"`
	Seq   uint64 `json:"seq,omitempty"`
}

// Command is the data of a command message. Do is one of:
//
//	ready · not-ready {reason} · accept {offer} · reject {offer} · hold · retrieve · end ·
//	transfer {to_agent | to_queue} · wrap-up-done · wrap-up-more · sign-out · take-phone (this tab becomes the phone) ·
//	use-phone (calls come to the desk phone from now on) · use-browser (and to the page again) · ring-phone (that rests)
type Command struct {
	Do      string `json:"do"`
	Offer   string `json:"offer,omitempty"`
	Call    string `json:"call,omitempty"`
	Reason  string `json:"reason,omitempty"`
	ToAgent string `json:"to_agent,omitempty"`
	ToQueue string `json:"to_queue,omitempty"`
}

// Commands lists what Command.Do may be.
var Commands = []string{"ready", "not-ready", "accept", "reject", "hold", "retrieve", "end", "transfer", "wrap-up-done",
	"wrap-up-more", "sign-out", "take-phone", "use-phone", "use-browser", "ring-phone"}

// Bye is the data of a bye. Reason is slow or restart (come back by sequence), signed-out (sign in again) or abuse.
type Bye struct {
	Reason  string `json:"reason"`
	Message string `json:"message"` // for people
}

// Reply answers a command or a subscribe. OK false comes with an Error.
type Reply struct {
	OK    bool   `json:"ok"`
	Error *Error `json:"error,omitempty"`
}

// Error is what every refused request looks like, over HTTP and websocket alike.
type Error struct {
	Code    Code   `json:"code"`    // stable word
	Message string `json:"message"` // for people, with the remedy
	// MessageIn is the message in other languages than English, by language, where it is made of the person's own words.
	MessageIn map[string]string `json:"message_in,omitempty"`
	Place     string            `json:"place,omitempty"` // the field or element that is wrong
}

// Me is the topic "me": the agent's own floor view and day. A delta carries the whole Me.
type Me struct {
	floor.AgentView
	Day Day `json:"day"`
	// OtherTab: another tab of this agent holds the phone. False: this tab is the phone and should attach its audio.
	// The first tab to subscribe gets it; take-phone moves it; when the tab that has it closes, the next one gets it.
	OtherTab bool `json:"other_tab"`
}

// Day is what an agent did today.
type Day struct {
	Answered int     `json:"answered"`
	Missed   int     `json:"missed"`
	AHT      float64 `json:"aht"`  // average handle time in seconds: talk + hold + wrap-up
	Talk     float64 `json:"talk"` // seconds
	Ready    float64 `json:"ready"`
}

// Board is the topic "board". A delta carries only what changed: queues and agents by id, totals and minutes whole
// when present.
type Board struct {
	At            time.Time             `json:"at"`
	Queues        map[string]BoardQueue `json:"queues,omitempty"`
	Agents        map[string]BoardAgent `json:"agents,omitempty"`
	Totals        *Figures              `json:"totals,omitempty"`
	Minutes       []Minute              `json:"minutes,omitempty"` // snapshot: the last 60; delta: those that changed
	Calls         *CallCounts           `json:"calls,omitempty"`
	Alarms        []Alarm               `json:"alarms,omitzero"`        // snapshot, and whole when changed: an empty list takes all away
	Announcements []BoardAnnouncement   `json:"announcements,omitzero"` // like alarms
}

// BoardQueue is a queue's row.
type BoardQueue struct {
	floor.QueueView
	Figures Figures `json:"figures"`
}

// Figures of today. Rates are nil when they have no base. Formula names the service level's.
type Figures struct {
	Offered        int      `json:"offered"`
	Answered       int      `json:"answered"`
	AnsweredWithin int      `json:"answered_within"`
	Abandoned      int      `json:"abandoned"`
	Messages       int      `json:"messages"`
	Overflowed     int      `json:"overflowed"`
	AnswerRate     *float64 `json:"answer_rate"`   // 0..1
	ServiceLevel   *float64 `json:"service_level"` // 0..1
	Formula        string   `json:"formula"`       // SL1..SL4
	Threshold      float64  `json:"threshold"`     // seconds
	Target         float64  `json:"target"`        // 0..1
	ASA            *float64 `json:"asa"`           // average speed of answer, seconds
	AHT            *float64 `json:"aht"`           // average handle time, seconds
	// Told are answered visits whose caller was told on entry how long it would take; ExpectedOff how far that was from
	// their waits on average, ExpectedLate by how much these were longer on the whole (below zero: told too much). Seconds.
	Told         int      `json:"told"`
	ExpectedOff  *float64 `json:"expected_off"`
	ExpectedLate *float64 `json:"expected_late"`

	// Call backs: promised and ended today, those that are not made yet, and the mean time from promise to talk in seconds.
	CallbacksPromised  int      `json:"callbacks_promised"`
	CallbacksReached   int      `json:"callbacks_reached"`
	CallbacksUnreached int      `json:"callbacks_unreached"`
	CallbacksExpired   int      `json:"callbacks_expired"`
	CallbacksOpen      int      `json:"callbacks_open"`
	CallbackWait       *float64 `json:"callback_wait"`
}

// BoardAgent is an agent's row.
type BoardAgent struct {
	Agent  string    `json:"agent"`
	State  string    `json:"state"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason,omitempty"`
	Queue  string    `json:"queue,omitempty"` // of the call in hand
	Call   string    `json:"call,omitempty"`
	Limit  float64   `json:"limit,omitempty"` // seconds this not-ready reason allows
	// Pending takes effect after the call; Line is the place in the line for not ready.
	Pending string          `json:"pending,omitempty"`
	Line    *floor.LineView `json:"line,omitempty"`
	Phone   bool            `json:"phone"` // desk, media and leg are alive
	// Queues and Skills are in force now; Moved and Trained: a supervisor changed them.
	Queues  []fact.Membership `json:"queues"`
	Skills  map[string]int    `json:"skills"`
	Moved   bool              `json:"moved,omitempty"`
	Trained bool              `json:"trained,omitempty"`
	Day     Day               `json:"day"`
}

// Minute is one point of the live chart.
type Minute struct {
	At           time.Time `json:"at"`
	Arrivals     int       `json:"arrivals"`
	Answered     int       `json:"answered"`
	Abandoned    int       `json:"abandoned"`
	ServiceLevel *float64  `json:"service_level"`
	Waiting      int       `json:"waiting"`
}

// CallCounts are the live calls by phase.
type CallCounts struct {
	IVR     int `json:"ivr"`
	Waiting int `json:"waiting"`
	Talking int `json:"talking"`
	Message int `json:"message"`
}

// Lists is the topic "lists".
type Lists struct {
	Messages  int `json:"messages"`
	Callbacks int `json:"callbacks"` // promised and not made yet
	Open      int `json:"open"`      // my open tickets
	Version   int `json:"version"`   // grows when any list changed
}
