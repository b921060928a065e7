package desk

import (
	"context"
	"io"
	"time"

	"hotline/fact"
	"hotline/floor"
	"hotline/people"
	"hotline/ticket"
	"hotline/ticket/history"
)

// Everything the desk needs of others. An error that should reach a browser as more than "internal" has the methods
// Code() string (a word of Codes) and Public() string; *floor.Illegal does without.

// Centre is the loop, as the desk sees it.
type Centre interface {
	// Do carries out an agent's command, once for each ID, and returns when its facts are journalled.
	Do(ctx context.Context, c CentreCommand) error
	// Announce switches an announcement; it returns when that is journalled.
	Announce(ctx context.Context, a floor.Announce) error
	// Draft keeps an edit of a ticket that the archive cannot take now; it returns when it is journalled.
	Draft(ctx context.Context, f fact.TicketDrafted) error
	// DeskUp and DeskLost: the tab that is the agent's phone opened, closed. They do not block. The centre gives a lost
	// desk its time of grace.
	DeskUp(agent string)
	DeskLost(agent string)
	// Watch gives the floor as it stands, whole, and from then on every change in order. The watcher is called from the
	// loop: it must not block. A call that is under way while cancel is called does no harm.
	Watch(watcher func(Update)) (whole Update, cancel func())
	// Calls are the live calls.
	Calls() []floor.CallLine
	// Callbacks are the call backs that are promised and not made yet.
	Callbacks() []floor.CallbackView
}

// CentreCommand is a Command with who sent it.
type CentreCommand struct {
	ID    string // makes it idempotent, within the agent
	Agent string
	Command
	// By is the supervisor who acts on the agent; empty: the agent does. The rest is a supervisor's, as in AgentCommand.
	By     string
	Queues []fact.Membership
	Skills map[string]int
	Reset  bool
	// Callback of cancel-callback, which has no agent.
	Callback string
}

// Update is what changed on the floor in one step, or the whole floor.
type Update struct {
	Seq    uint64
	At     time.Time
	Agents []floor.AgentView
	Queues []floor.QueueView
	Calls  *CallCounts // nil: as before
	// Announcements are all of them, with what is on; nil: as before.
	Announcements []floor.AnnouncementView
}

// Report is the day's numbers, from the live fold. Its methods do not block.
type Report interface {
	// Today is everything for the board at this moment.
	Today(now time.Time) Today
	// Day is one agent's.
	Day(agent string, now time.Time) Day
}

// Today are the figures of the day.
type Today struct {
	Totals  Figures
	Queues  map[string]Figures
	Agents  map[string]Day
	Minutes []Minute // the last 60, oldest first
}

// Phone is the browsers' audio. An attachment replaces the one with the same key.
type Phone interface {
	Attach(ctx context.Context, key, offer string) (answer, session string, err error)
	// Detach ends that session; of one that was replaced it does nothing.
	Detach(key, session string)
}

// Visitors are calls from the caller page. The audio is attached under the same key before Begin.
type Visitors interface {
	// Begin puts the call before the flow.
	Begin(ctx context.Context, key, lang string) error
	// HangUp ends it; of a call that ended it does nothing.
	HangUp(key string)
	// State waits until the call's Seq is above after, or ctx is done; then it gives the state as it is. An error whose
	// Code is not-found when there is no such call.
	State(ctx context.Context, key string, after uint64) (Visitor, error)
}

// Store is the archive. Errors have a Code: not-found, unavailable; those of package ticket come as they are.
type Store interface {
	Ticket(ctx context.Context, id string) (history.TicketFile, error)
	// EditTicket applies an edit in one transaction: *ticket.Conflict, *ticket.Illegal and *ticket.Invalid leave it as it was.
	EditTicket(ctx context.Context, id string, e ticket.Edit, by string, at time.Time) (ticket.Ticket, error)
	Tickets(ctx context.Context, q history.TicketQuery) (list []ticket.Ticket, next string, err error)

	Calls(ctx context.Context, q history.CallQuery) (list []history.Call, next string, err error)
	Call(ctx context.Context, id string) (history.CallDetail, error)
	OfNumber(ctx context.Context, number string, limit int) (history.OfNumber, error)

	Recording(ctx context.Context, id string) (history.Recording, error)
	Messages(ctx context.Context, done bool, limit int) ([]history.Message, error)
	// MarkMessage marks a message as worked, or takes the mark back. Marking twice keeps the first mark.
	MarkMessage(ctx context.Context, id string, done bool, by string, at time.Time) error

	// Lists counts messages to be worked, and each owner's open tickets.
	Lists(ctx context.Context, owners []string) (messages int, open map[string]int, err error)
	// Settled returns when every fact that was journalled before the call has its rows.
	Settled(ctx context.Context) error
}

// Audio is the store of recordings.
type Audio interface {
	// Open opens a recording by its file's name in the store.
	Open(file string) (f io.ReadSeekCloser, mediaType string, err error)
	Peaks(ctx context.Context, file string) (Peaks, error)
}

// Staffing runs scenarios. Errors about a text have a Place.
type Staffing interface {
	Scenarios() ScenarioList
	// Centre makes a scenario of the configuration and of the calls of the last weeks on that day of the week; any day: all.
	Centre(ctx context.Context, weeks int, day *time.Weekday) (CentreScenario, error)
	Check(text string) (Sketch, error)
	// Begin runs a scenario for somebody, away from the centre; each person has one at a time.
	Begin(login string, o TrialOrder) (Trial, error)
	// Trial waits until the trial's Seq is above after, or ctx is done; then it gives it as it is.
	Trial(ctx context.Context, login, id string, after uint64) (Trial, error)
	// Cancel ends it; of one that is over it does nothing.
	Cancel(login, id string) error
}

// Health is how the server's parts are.
type Health interface {
	Parts() []Part
	Alarms() []Alarm
}

// Door is who may come in; *people.Door.
type Door interface {
	SignIn(ctx context.Context, login, password, addr, browser string) (token string, u people.User, err error)
	Who(ctx context.Context, token string) (people.User, error)
	SignOut(ctx context.Context, token, addr string) error
	Audit(ctx context.Context, e people.Entry) error
	Trail(ctx context.Context, q people.Trail) ([]people.Entry, error)
	Accounts(ctx context.Context) ([]people.Account, error)
	// EndSessions and ResetPassword: see people.Door.
	EndSessions(ctx context.Context, login, by, addr string) error
	ResetPassword(ctx context.Context, login, by, addr string) (password string, err error)
}

// House is the configured part of what pages show. It is asked for anew each time, so that a reload is seen.
type House struct {
	Centre        CentreInfo
	Queues        []QueueInfo
	NotReady      []NotReadyInfo
	Agents        []Colleague
	Skills        []string
	Lists         []CallerListInfo
	Announcements []AnnouncementInfo
	// Supervised are the queues of the supervisors who have not all of them, by login.
	Supervised map[string][]string
	// Names are those of everybody in the configuration, by login and by language.
	Names map[string]map[string]string
}
