package people

import "slices"

// Role is what a user may do. Each role may do all that the ones before it may.
type Role string

// The roles, least right first.
const (
	Agent      Role = "agent"      // takes calls, writes tickets, works messages
	Supervisor Role = "supervisor" // and sees the board, every call, every recording
	Admin      Role = "admin"      // and sees the audit and keeps the accounts
)

// Roles lists them, least right first.
var Roles = []Role{Agent, Supervisor, Admin}

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// May reports whether r has the rights of need. An unknown role may nothing.
func (r Role) May(need Role) bool {
	return r.Valid() && need.Valid() && slices.Index(Roles, r) >= slices.Index(Roles, need)
}
