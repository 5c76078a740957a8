package wire

import "parley/internal/chat"

// NewGroup is the payload of [PushNewGroup].
type NewGroup struct {
	ID     chat.GroupID   `json:"id" doc:"group"`
	Name   string         `json:"name" doc:"the group's name"`
	Logo   string         `json:"logo" doc:"the group's picture"`
	UCount int            `json:"uCount" doc:"number of members"`
	Admins []GroupAdmin   `json:"admins" doc:"its administrators, the creator among them"`
	IsPost bool           `json:"isPost" doc:"true: a group of an organization; false: a discussion"`
	CUser  chat.AccountID `json:"cuser" doc:"creator"`
	IsPush bool           `json:"isPush" doc:"false: muted"`
}

// GroupAdmin is an administrator of a group.
type GroupAdmin struct {
	AID chat.AccountID `json:"aid" doc:"account of an administrator"`
}

// GroupRenamed is the payload of [PushGroupRenamed].
type GroupRenamed struct {
	OldName string       `json:"oldName" doc:"previous name"`
	Name    string       `json:"name" doc:"new name"`
	GID     chat.GroupID `json:"gid" doc:"group"`
	User    RenamedBy    `json:"user" doc:"acting account"`
}

// RenamedBy is the account that renamed a group.
type RenamedBy struct {
	ID   chat.AccountID `json:"id" doc:"account"`
	Logo string         `json:"logo" doc:"address of the picture; may be empty"`
}

// SpeakBan is the payload of [PushBanSpeak] and of [PushPermitSpeak].
type SpeakBan struct {
	GroupID  chat.GroupID `json:"groupid" doc:"group"`
	Operator Operator     `json:"operator" doc:"acting account"`
}

// Operator is an administrator who acted.
type Operator struct {
	AccountID chat.AccountID `json:"accountId" doc:"account"`
	FullName  string         `json:"fullName" doc:"name to show"`
	Avatar    string         `json:"avatar" doc:"address of the picture; may be empty"`
}

// CanAddMember is the payload of [PushCanAddMember].
type CanAddMember struct {
	GID chat.GroupID `json:"gid" doc:"group"`
	Can bool         `json:"can" doc:"every member can add others"`
}

// GroupChanged is the payload of [PushGroupChanged].
type GroupChanged struct {
	GID           chat.GroupID   `json:"gid" doc:"group"`
	Name          string         `json:"name" doc:"the group's name"`
	Avatar        string         `json:"avatar" doc:"address of the group's picture; may be empty"`
	Announcement  string         `json:"announcement" doc:"announcement above the conversation; may be empty"`
	IsPost        bool           `json:"isPost" doc:"true: a group of an organization; false: a discussion"`
	MembersInvite bool           `json:"membersInvite" doc:"every member can add others"`
	Banned        bool           `json:"banned" doc:"only administrators may speak"`
	Creator       chat.AccountID `json:"creator" doc:"creator, to whom the group belongs"`
}

// NewGroup returns the payload of "new group".
func (e *Encoder) NewGroup(g *chat.Group, push bool) *NewGroup {
	out := &NewGroup{
		ID:     g.ID,
		Name:   g.Name,
		Logo:   g.Avatar,
		UCount: g.Members,
		Admins: make([]GroupAdmin, len(g.Admins)),
		IsPost: g.IsPost,
		CUser:  g.Creator,
		IsPush: push,
	}
	for i, a := range g.Admins {
		out.Admins[i] = GroupAdmin{a}
	}
	return out
}

// GroupRenamed returns the payload of "group renamed".
func (e *Encoder) GroupRenamed(ev *chat.GroupRenamed) *GroupRenamed {
	return &GroupRenamed{
		OldName: ev.OldName,
		Name:    ev.Group.Name,
		GID:     ev.Group.ID,
		User:    RenamedBy{ev.By.ID, ev.By.Avatar},
	}
}

// SpeakBan returns "ban speak" or "permit speak", and its payload.
func (e *Encoder) SpeakBan(ev *chat.GroupBanSet) (push string, payload any) {
	ban := &SpeakBan{ev.Group, Operator{ev.By.ID, ev.By.Name, ev.By.Avatar}}
	if ev.Banned {
		return PushBanSpeak, ban
	}
	return PushPermitSpeak, ban
}

// CanAddMember returns the payload of "can add member".
func (e *Encoder) CanAddMember(ev chat.GroupInviteSet) *CanAddMember {
	return &CanAddMember{ev.Group, ev.Can}
}

// GroupChanged returns the payload of "group changed".
func (e *Encoder) GroupChanged(g *chat.Group) *GroupChanged {
	return &GroupChanged{
		GID: g.ID, Name: g.Name, Avatar: g.Avatar, Announcement: g.Announcement, IsPost: g.IsPost,
		MembersInvite: g.MembersInvite, Banned: g.Banned, Creator: g.Creator,
	}
}
