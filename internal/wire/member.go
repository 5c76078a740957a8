package wire

import "parley/internal/chat"

// GroupMemberAdded is the payload of [PushGroupMemberAdded].
type GroupMemberAdded struct {
	ID    chat.GroupID `json:"id" doc:"group"`
	Name  string       `json:"name" doc:"the group's name"`
	Users []GroupUser  `json:"users" doc:"new members"`
}

// GroupUser is a member with the field names that only this push uses.
type GroupUser struct {
	AccountID chat.AccountID `json:"AccountID" doc:"account"`
	Email     string         `json:"Email" doc:"e-mail address; may be empty"`
	Fullname  string         `json:"Fullname" doc:"name to show"`
	Avatar    string         `json:"Avatar" doc:"address of the picture; may be empty"`
}

// RemovedFromGroup is the payload of [PushRemovedFromGroup].
type RemovedFromGroup struct {
	ID   chat.GroupID `json:"id" doc:"group"`
	Name string       `json:"name" doc:"the group's name"`
	How  string       `json:"how" doc:"removed, left or dissolved"`
}

// GroupMemberRemoved is the payload of [PushGroupMemberRemoved].
type GroupMemberRemoved struct {
	ID   chat.GroupID   `json:"id" doc:"group"`
	Name string         `json:"name" doc:"the group's name"`
	AID  chat.AccountID `json:"aid" doc:"account that is no longer in the group"`
}

// GroupAdminAdded is the payload of [PushGroupAdminAdded].
type GroupAdminAdded struct {
	AddAid chat.AccountID `json:"addAid" doc:"the new administrator"`
	AID    chat.AccountID `json:"aid" doc:"account that made the change"`
	GID    chat.GroupID   `json:"gid" doc:"group"`
}

// GroupAdminRemoved is the payload of [PushGroupAdminRemoved].
type GroupAdminRemoved struct {
	RemovedAid chat.AccountID `json:"removedAid" doc:"the former administrator"`
	AID        chat.AccountID `json:"aid" doc:"acting account"`
	GID        chat.GroupID   `json:"gid" doc:"group"`
}

// SetGroupNotice is the payload of [PushSetGroupNotice].
type SetGroupNotice struct {
	GID    chat.GroupID   `json:"gid" doc:"group"`
	AID    chat.AccountID `json:"aid" doc:"account with this setting: the receiver"`
	IsPush bool           `json:"isPush" doc:"false: muted"`
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

// RemovedFromGroup returns the payload of "removed from group".
func (e *Encoder) RemovedFromGroup(g *chat.Group, how chat.Departure) *RemovedFromGroup {
	return &RemovedFromGroup{g.ID, g.Name, departure(how)}
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

// SetGroupNotice returns the payload of "set group notice".
func (e *Encoder) SetGroupNotice(ev chat.GroupPushSet) *SetGroupNotice {
	return &SetGroupNotice{ev.Group, ev.Account, ev.Push}
}
