// Package ticket holds the rules of a ticket: the record of what a caller wants and what was done about it.
//
//	fact.TicketOpened ──▶ Ticket v1 ──Edit──▶ v2 ──Edit──▶ … ──close──▶ closed ──reopen──▶ open …
//	                                   │
//	                                   └─▶ Change: who, when, which fields from what to what. Nothing is erased.
//
// A ticket is born as a fact in the centre's loop, in the moment in which a caller and an agent are joined, so that it
// exists whatever else is down. From then on people edit it: each Edit names the version it was typed upon. Two people
// who type into different fields of one ticket do not disturb each other; two who type into the same field are told
// (Conflict), and nobody's words are lost.
//
// The package is pure: it reads no clock and no store. Package postgres keeps tickets, package desk shows them.
package ticket

import (
	"regexp"
	"time"
)

// Ticket is one ticket as it stands at Version.
type Ticket struct {
	// ID is the number people say aloud, `20261121-0042`: the day it was opened and a count within it.
	ID      string `json:"id"`
	Version int    `json:"version"` // 1 when opened, one more with each edit
	State   State  `json:"state"`

	Opened  time.Time `json:"opened"`
	Channel Channel   `json:"channel"`
	Queue   string    `json:"queue,omitempty"`
	Lang    string    `json:"lang,omitempty"`
	// Owner is the agent who answers for it: the first to take the contact, from first word to last.
	Owner string `json:"owner,omitempty"`
	// Call is the call it was opened in, Message the message it was made of.
	Call    string `json:"call"`
	Message string `json:"message,omitempty"`

	Name string `json:"name"`
	// Number is the caller's, E.164; empty for a withheld caller, who shares no history with anyone.
	Number   string `json:"number"`
	Withheld bool   `json:"withheld,omitempty"`
	Address  string `json:"address"`
	Region   string `json:"region"`

	Category Category `json:"category"`
	Grade    Grade    `json:"grade"`
	Happened string   `json:"happened"` // what happened
	Asked    string   `json:"asked"`    // what is asked for

	Edited   time.Time `json:"edited"`
	EditedBy string    `json:"edited_by,omitempty"`
	Closed   time.Time `json:"closed,omitzero"`
	ClosedBy string    `json:"closed_by,omitempty"`
}

// Category says what kind of wish it is (requirements T1). Empty: not chosen yet.
type Category string

// The closed list of categories.
const (
	Consult    Category = "consult"    // 咨询
	Complaint  Category = "complaint"  // 投诉
	Report     Category = "report"     // 举报
	Help       Category = "help"       // 求助
	Suggestion Category = "suggestion" // 建议
	Praise     Category = "praise"     // 表扬
	Other      Category = "other"
)

// Categories lists them in the order in which people choose.
var Categories = []Category{Consult, Complaint, Report, Help, Suggestion, Praise, Other}

// Grade says how grave it is. Empty: not graded.
type Grade string

// The closed list of grades, lightest first.
const (
	Grievance Grade = "grievance"
	Class2    Grade = "class-2"
	Class1    Grade = "class-1"
	Major     Grade = "major"
)

// Grades lists them, lightest first.
var Grades = []Grade{Grievance, Class2, Class1, Major}

// Channel is how the wish reached us.
type Channel string

// The closed list of channels.
const (
	Phone   Channel = "phone"
	Message Channel = "message"
	Browser Channel = "browser"
)

// Channels lists them.
var Channels = []Channel{Phone, Message, Browser}

var number = regexp.MustCompile(`^[0-9]{8}-[0-9]{4,8}$`)

// ValidID reports whether s has the form of a ticket's number.
func ValidID(s string) bool { return number.MatchString(s) }
