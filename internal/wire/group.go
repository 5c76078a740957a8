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
	CUser  chat.AccountID `json:"cuser" doc:"who created it"`
	IsPush bool           `json:"isPush" doc:"false: muted"`
}

// GroupAdmin is an administrator of a group.
type GroupAdmin struct {
	AID chat.AccountID `json:"aid" doc:"account of an administrator"`
}

// GroupMemberAdded is the payload of [PushGroupMemberAdded].
type GroupMemberAdded struct {
	ID    chat.GroupID `json:"id" doc:"group"`
	Name  string       `json:"name" doc:"the group's name"`
	Users []GroupUser  `json:"users" doc:"who was added"`
}

// GroupUser is a member in the words that this one push has always used.
type GroupUser struct {
	AccountID chat.AccountID `json:"AccountID" doc:"account"`
	Email     string         `json:"Email" doc:"address of mail; may be empty"`
	Fullname  string         `json:"Fullname" doc:"name to show"`
	Avatar    string         `json:"Avatar" doc:"address of the picture; may be empty"`
}

// GroupRenamed is the payload of [PushGroupRenamed].
type GroupRenamed struct {
	OldName string       `json:"oldName" doc:"name until now"`
	Name    string       `json:"name" doc:"name from now on"`
	GID     chat.GroupID `json:"gid" doc:"group"`
	User    RenamedBy    `json:"user" doc:"who did it"`
}

// RenamedBy is who renamed a group.
type RenamedBy struct {
	ID   chat.AccountID `json:"id" doc:"account"`
	Logo string         `json:"logo" doc:"address of the picture; may be empty"`
}

// RemovedFromGroup is the payload of [PushRemovedFromGroup].
type RemovedFromGroup struct {
	ID   chat.GroupID `json:"id" doc:"group"`
	Name string       `json:"name" doc:"the group's name"`
}

// GroupMemberRemoved is the payload of [PushGroupMemberRemoved].
type GroupMemberRemoved struct {
	ID   chat.GroupID   `json:"id" doc:"group"`
	Name string         `json:"name" doc:"the group's name"`
	AID  chat.AccountID `json:"aid" doc:"who is no longer in it"`
}

// GroupAdminAdded is the payload of [PushGroupAdminAdded].
type GroupAdminAdded struct {
	AddAid chat.AccountID `json:"addAid" doc:"the new administrator"`
	AID    chat.AccountID `json:"aid" doc:"who made them one"`
	GID    chat.GroupID   `json:"gid" doc:"group"`
}

// GroupAdminRemoved is the payload of [PushGroupAdminRemoved].
type GroupAdminRemoved struct {
	RemovedAid chat.AccountID `json:"removedAid" doc:"no longer an administrator"`
	AID        chat.AccountID `json:"aid" doc:"who did it"`
	GID        chat.GroupID   `json:"gid" doc:"group"`
}

// SetGroupNotice is the payload of [PushSetGroupNotice].
type SetGroupNotice struct {
	GID    chat.GroupID   `json:"gid" doc:"group"`
	AID    chat.AccountID `json:"aid" doc:"whose setting it is: the receiver"`
	IsPush bool           `json:"isPush" doc:"false: muted"`
}

// SpeakBan is the payload of [PushBanSpeak] and of [PushPermitSpeak].
type SpeakBan struct {
	GroupID  chat.GroupID `json:"groupid" doc:"group"`
	Operator Operator     `json:"operator" doc:"who did it"`
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
	Can bool         `json:"can" doc:"every member may add others"`
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

// GroupMemberAdded returns the payload of "group member added".
func (e *Encoder) GroupMemberAdded(ev *chat.GroupEntered) *GroupMemberAdded {
	out := &GroupMemberAdded{ID: ev.Group.ID, Name: ev.Group.Name, Users: make([]GroupUser, len(ev.Added))}
	for i, m := range ev.Added {
		a := &m.Account
		out.Users[i] = GroupUser{AccountID: a.ID, Email: a.Email, Fullname: a.Name, Avatar: a.Avatar}
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

// RemovedFromGroup returns the payload of "removed from group".
func (e *Encoder) RemovedFromGroup(g *chat.Group) *RemovedFromGroup {
	return &RemovedFromGroup{g.ID, g.Name}
}

// GroupMemberRemoved returns the payload of "group member removed".
func (e *Encoder) GroupMemberRemoved(ev *chat.GroupMemberLeft) *GroupMemberRemoved {
	return &GroupMemberRemoved{ev.Group.ID, ev.Group.Name, ev.Account}
}

// GroupAdmin returns "group admin added" or "group admin removed", and its payload.
func (e *Encoder) GroupAdmin(ev chat.GroupAdminSet) (push string, payload any) {
	if ev.Admin {
		return PushGroupAdminAdded, &GroupAdminAdded{AddAid: ev.Account, AID: ev.By, GID: ev.Group}
	}
	return PushGroupAdminRemoved, &GroupAdminRemoved{RemovedAid: ev.Account, AID: ev.By, GID: ev.Group}
}

// SpeakBan returns "ban speak" or "permit speak", and its payload.
func (e *Encoder) SpeakBan(ev *chat.GroupBanSet) (push string, payload any) {
	ban := &SpeakBan{ev.Group, Operator{ev.By.ID, ev.By.Name, ev.By.Avatar}}
	if ev.Banned {
		return PushBanSpeak, ban
	}
	return PushPermitSpeak, ban
}

// SetGroupNotice returns the payload of "set group notice".
func (e *Encoder) SetGroupNotice(ev chat.GroupPushSet) *SetGroupNotice {
	return &SetGroupNotice{ev.Group, ev.Account, ev.Push}
}

// CanAddMember returns the payload of "can add member".
func (e *Encoder) CanAddMember(ev chat.GroupInviteSet) *CanAddMember {
	return &CanAddMember{ev.Group, ev.Can}
}
