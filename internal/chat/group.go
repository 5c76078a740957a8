package chat

import "time"

// GroupID identifies a group: a GUID string.
type GroupID string

// Role is what a member of a group may do.
type Role int

// The roles. A group's creator is also an administrator.
const (
	RoleMember Role = 0
	RoleAdmin  Role = 1
)

// Group is a conversation of many.
type Group struct {
	ID            GroupID
	Conversation  ConversationID
	Name          string
	Avatar        string
	Announcement  string
	IsPost        bool // true: a long-lived group of an organization; false: an ad-hoc discussion
	Creator       AccountID
	Admins        []AccountID // with the creator first; filled where an event or answer needs it
	Members       int
	Banned        bool // only administrators may speak
	MembersInvite bool // every member may add others; false: administrators only
	CreatedAt     time.Time
	DissolvedAt   time.Time // zero: open
}

// Dissolved reports whether the group is closed for good.
func (g *Group) Dissolved() bool { return !g.DissolvedAt.IsZero() }

// GroupMember is an entry of a group's list of members.
type GroupMember struct {
	Account  Account
	Role     Role
	Push     bool
	JoinedAt time.Time
}

// NewGroup describes a group to be created. Members need not name the creator.
type NewGroup struct {
	Name, Avatar string
	IsPost       bool
	Creator      AccountID
	Members      []AccountID
}

// GroupPatch changes the fields that are not nil.
type GroupPatch struct {
	Name, Avatar, Announcement *string
	IsPost                     *bool // only to true: a discussion becomes a group
	MembersInvite              *bool
}
