package ticket

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Edit is what a person changed in a form: the fields that are set, typed upon Version, and perhaps a step. It is the
// body of PATCH /api/tickets/{id}.
type Edit struct {
	// Version is the one the form was filled from.
	Version int `json:"version"`

	Name     *string   `json:"name,omitempty"`
	Number   *string   `json:"number,omitempty"`
	Address  *string   `json:"address,omitempty"`
	Region   *string   `json:"region,omitempty"`
	Category *Category `json:"category,omitempty"`
	Grade    *Grade    `json:"grade,omitempty"`
	Happened *string   `json:"happened,omitempty"`
	Asked    *string   `json:"asked,omitempty"`
	Owner    *string   `json:"owner,omitempty"`

	Do Op `json:"do,omitempty"`
}

// Change is one edit as it was made: a line of the ticket's time line, kept for ever.
type Change struct {
	Version int       `json:"version"` // the version it made
	At      time.Time `json:"at"`
	By      string    `json:"by"` // login
	Fields  []Field   `json:"fields"`
}

// Field is one field's step within a Change.
type Field struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// Invalid is an edit that breaks a rule; Field names where.
type Invalid struct {
	Field string
	Why   string
}

func (e *Invalid) Error() string { return fmt.Sprintf("ticket: field %s: %s", e.Field, e.Why) }

// Code classifies the error for those who answer a browser.
func (e *Invalid) Code() string { return "bad-request" }

// Public is what the person is told.
func (e *Invalid) Public() string { return e.Why }

// Place is the field that is wrong.
func (e *Invalid) Place() string { return e.Field }

// Conflict: somebody else changed the same fields since the form was filled. Current is the ticket as it stands.
type Conflict struct {
	Current Ticket
	Fields  []string
}

func (e *Conflict) Error() string {
	return fmt.Sprintf("ticket %s: changed by %s at the same time: %s", e.Current.ID, e.Current.EditedBy, strings.Join(e.Fields, ", "))
}

// Code classifies the error for those who answer a browser.
func (e *Conflict) Code() string { return "conflict" }

// Public is what the person is told.
func (e *Conflict) Public() string {
	return fmt.Sprintf("Somebody else (%s) changed this at the same time. Compare, then save again.", e.Current.EditedBy)
}

// Place names the fields that both changed.
func (e *Conflict) Place() string { return strings.Join(e.Fields, ",") }

// The longest texts, in runes.
const (
	longLine = 200
	longText = 20000
)

// field binds a name to its place in Ticket and Edit, so that each rule is written once.
type field struct {
	name  string
	old   func(*Ticket) string
	put   func(*Ticket, string)
	typed func(Edit) *string
	check func(string) string // what is wrong with a value; "" when nothing
}

var fields = []field{
	{"name", func(t *Ticket) string { return t.Name }, func(t *Ticket, s string) { t.Name = s }, func(e Edit) *string { return e.Name }, line},
	{"number", func(t *Ticket) string { return t.Number }, func(t *Ticket, s string) { t.Number = s }, func(e Edit) *string { return e.Number }, dialable},
	{"address", func(t *Ticket) string { return t.Address }, func(t *Ticket, s string) { t.Address = s }, func(e Edit) *string { return e.Address }, line},
	{"region", func(t *Ticket) string { return t.Region }, func(t *Ticket, s string) { t.Region = s }, func(e Edit) *string { return e.Region }, line},
	{"category", func(t *Ticket) string { return string(t.Category) }, func(t *Ticket, s string) { t.Category = Category(s) }, func(e Edit) *string { return (*string)(e.Category) }, oneOf(Categories)},
	{"grade", func(t *Ticket) string { return string(t.Grade) }, func(t *Ticket, s string) { t.Grade = Grade(s) }, func(e Edit) *string { return (*string)(e.Grade) }, oneOf(Grades)},
	{"happened", func(t *Ticket) string { return t.Happened }, func(t *Ticket, s string) { t.Happened = s }, func(e Edit) *string { return e.Happened }, text},
	{"asked", func(t *Ticket) string { return t.Asked }, func(t *Ticket, s string) { t.Asked = s }, func(e Edit) *string { return e.Asked }, text},
	{"owner", func(t *Ticket) string { return t.Owner }, func(t *Ticket, s string) { t.Owner = s }, func(e Edit) *string { return e.Owner }, line},
}

// Apply makes the edit upon the ticket as it stands now. since are the changes made after e.Version, in order; a field
// that one of them touched is in conflict unless the edit says the same as what stands. An edit that changes nothing
// returns the ticket as it is and no change. Errors: *Invalid, *Illegal, *Conflict; the ticket is then unchanged.
func Apply(now Ticket, e Edit, since []Change, by string, at time.Time) (Ticket, *Change, error) {
	if e.Version < 1 || e.Version > now.Version {
		return now, nil, &Invalid{"version", fmt.Sprintf("This ticket has versions 1 to %d, not %d. Load it again.", now.Version, e.Version)}
	}
	next, made := now, Change{Version: now.Version + 1, At: at, By: by}
	var clash []string
	for _, f := range fields {
		typed := f.typed(e)
		if typed == nil || *typed == f.old(&now) {
			continue
		}
		if why := f.check(*typed); why != "" {
			return now, nil, &Invalid{f.name, why}
		}
		if touched(since, f.name) {
			clash = append(clash, f.name)
			continue
		}
		f.put(&next, *typed)
		made.Fields = append(made.Fields, Field{f.name, f.old(&now), *typed})
	}
	if len(clash) > 0 {
		return now, nil, &Conflict{Current: now, Fields: clash}
	}
	if e.Do != "" {
		state, err := Next(now.State, e.Do)
		if err != nil {
			return now, nil, err
		}
		next.State = state
		next.Closed, next.ClosedBy = time.Time{}, ""
		if state == Closed {
			next.Closed, next.ClosedBy = at, by
		}
		made.Fields = append(made.Fields, Field{"state", string(now.State), string(state)})
	}
	if len(made.Fields) == 0 {
		return now, nil, nil
	}
	next.Version, next.Edited, next.EditedBy = made.Version, at, by
	return next, &made, nil
}

func touched(since []Change, name string) bool {
	return slices.ContainsFunc(since, func(c Change) bool {
		return slices.ContainsFunc(c.Fields, func(f Field) bool { return f.Field == name })
	})
}

// Timeline gathers the changes that one person made while typing: changes by the same person, each within pause of the
// one before, become one line whose fields go from the first value to the last. A step (open, closed) stays a line of
// its own. The changes themselves are kept; only the reading is shortened.
func Timeline(changes []Change, pause time.Duration) []Change {
	lines := []Change{}
	for _, c := range changes {
		if n := len(lines); n > 0 && lines[n-1].By == c.By && c.At.Sub(lines[n-1].At) <= pause && !steps(c) && !steps(lines[n-1]) {
			lines[n-1] = join(lines[n-1], c)
			continue
		}
		c.Fields = slices.Clone(c.Fields)
		lines = append(lines, c)
	}
	return slices.DeleteFunc(lines, func(c Change) bool { return len(c.Fields) == 0 })
}

func steps(c Change) bool { return touched([]Change{c}, "state") }

func join(a, b Change) Change {
	a.Version, a.At = b.Version, b.At
	for _, f := range b.Fields {
		if i := slices.IndexFunc(a.Fields, func(g Field) bool { return g.Field == f.Field }); i >= 0 {
			a.Fields[i].To = f.To
		} else {
			a.Fields = append(a.Fields, f)
		}
	}
	a.Fields = slices.DeleteFunc(a.Fields, func(f Field) bool { return f.From == f.To })
	return a
}

func line(s string) string {
	if strings.ContainsAny(s, "\r\n") {
		return "One line only."
	}
	return atMost(s, longLine)
}

func text(s string) string { return atMost(s, longText) }

func atMost(s string, n int) string {
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return "This is not text."
	case utf8.RuneCountInString(s) > n:
		return fmt.Sprintf("At most %d characters.", n)
	}
	return ""
}

func dialable(s string) string {
	for i, r := range s {
		if (r < '0' || r > '9') && !(r == '+' && i == 0) {
			return "Digits only, with a + before the country code."
		}
	}
	if len(s) > 32 {
		return "At most 32 digits."
	}
	return ""
}

func oneOf[T ~string](list []T) func(string) string {
	return func(s string) string {
		if s == "" || slices.Contains(list, T(s)) {
			return ""
		}
		return fmt.Sprintf("One of %v.", list)
	}
}
