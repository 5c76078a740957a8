package demo

import (
	"context"
	"encoding/json"
	"fmt"

	"parley/internal/chat"
)

// Store keeps a file as if the account had uploaded it, and returns what a
// message then carries; nil where files are kept elsewhere. seconds is how long a
// voice message lasts.
type Store func(ctx context.Context, owner chat.AccountID, kind chat.MessageType, name string, data []byte, seconds float64) (json.RawMessage, error)

// Show fills a demo that was just made with a bit of everything that there is to
// see. On a folder that a demo has used before it does nothing.
func Show(ctx context.Context, svc *chat.Service, w World, store Store) error {
	if !w.made {
		return nil
	}
	s := &show{ctx: ctx, svc: svc, app: w.app, store: store}
	s.inGroup(w.Group.ID)
	s.inDiscussion()
	s.direct()
	s.notes()
	s.inboxes()
	s.order(w.Group.ID)
	if s.err != nil {
		return fmt.Errorf("demo: %w", s.err)
	}
	return nil
}

// show goes on until something fails.
type show struct {
	ctx   context.Context
	svc   *chat.Service
	app   chat.AppID
	store Store
	err   error
}

var one, two, three = members[0].ID, members[1].ID, members[2].ID

func (s *show) by(a chat.AccountID) chat.Actor { return chat.Actor{Account: a, App: s.app} }

func (s *show) do(err error) {
	if s.err == nil {
		s.err = err
	}
}

func text(words string) chat.Draft {
	return chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: words}}
}

func (s *show) say(from, to chat.AccountID, d chat.Draft) chat.MessageID {
	if s.err != nil {
		return 0
	}
	r, err := s.svc.SendMessage(s.ctx, s.by(from), to, d)
	s.do(err)
	return r.Message.ID
}

func (s *show) sayIn(g chat.GroupID, from chat.AccountID, d chat.Draft) chat.MessageID {
	if s.err != nil {
		return 0
	}
	r, err := s.svc.SendGroupMessage(s.ctx, s.by(from), g, d)
	s.do(err)
	return r.Message.ID
}

// file is a message with a file; false where files are kept elsewhere.
func (s *show) file(from chat.AccountID, kind chat.MessageType, name string, data []byte) (chat.Draft, bool) {
	if s.err != nil || s.store == nil {
		return chat.Draft{}, false
	}
	seconds := 0.0
	if kind == chat.TypeVoice {
		seconds = soundSeconds
	}
	f, err := s.store(s.ctx, from, kind, name, data, seconds)
	s.do(err)
	return chat.Draft{Content: chat.Content{Type: kind, File: f}}, f != nil && err == nil
}

func (s *show) inGroup(g chat.GroupID) {
	announcement := "This group shows what messages can be. Try anything: it is only a demo."
	if s.err == nil {
		_, err := s.svc.UpdateGroup(s.ctx, s.by(one), g, chat.GroupPatch{Announcement: &announcement})
		s.do(err)
	}
	s.sayIn(g, three, text("Messages can have links, like https://example.com/demo, several lines,\nand emoji: 🎉 🚀 [Smile]"))
	if d, ok := s.file(two, chat.TypeImage, "sunrise.png", picture()); ok {
		id := s.sayIn(g, two, d)
		quote := text("A quote stands above its answer; a click on it leads there.")
		quote.Refer = id
		s.sayIn(g, three, quote)
	}
	if d, ok := s.file(three, chat.TypeFile, "demo-notes.txt", []byte("Notes of the demo\n\n1. Files up to the server's limit can be sent.\n2. They are downloaded under the name that they had.\n")); ok {
		s.sayIn(g, three, d)
	}
	if d, ok := s.file(two, chat.TypeVoice, "voice.wav", sound()); ok {
		s.sayIn(g, two, d)
	}
	s.sayIn(g, three, chat.Draft{Content: chat.Content{
		Type: chat.TypeLocation, Location: json.RawMessage(`{"lng":-0.0015,"lat":51.4779,"title":"Royal Observatory","address":"Greenwich, London"}`),
	}})
	s.sayIn(g, one, chat.Draft{Content: chat.Content{
		Type: chat.TypeCard, Card: json.RawMessage(`{"title":"Look around in the demo","md":"task","text":"Due today","url":"https://example.com/demo/task","entityid":"demo-task"}`),
	}})
	s.sayIn(g, two, text("中文也可以:搜索两个字的词就能找到这条消息。"))
	id := s.sayIn(g, three, text("@Demo One this one is for you: somebody who is mentioned sees it in the chat list."))
	if s.err == nil {
		s.do(s.svc.ShakeGroup(s.ctx, s.by(three), g, []chat.AccountID{one}, false, id))
	}
}

func (s *show) inDiscussion() {
	if s.err != nil {
		return
	}
	g, err := s.svc.CreateGroup(s.ctx, s.by(two), chat.NewGroup{Name: "Demo Discussion", Creator: two, Members: []chat.AccountID{one, three}})
	s.do(err)
	s.sayIn(g.ID, two, text("A discussion is made quickly from a chat, and may become a group later."))
	s.sayIn(g.ID, three, text("This one is muted for Demo One: its number is grey."))
	if s.err == nil {
		s.do(s.svc.SetGroupPush(s.ctx, s.by(one), g.ID, false))
	}
}

func (s *show) direct() {
	s.say(one, two, text("Thanks! Shall we talk about the demo at three?"))
	id := s.say(two, one, text("At four, I think."))
	if s.err == nil {
		_, err := s.svc.WithdrawMessage(s.ctx, s.by(two), one, id)
		s.do(err)
	}
	s.say(two, one, text("At three is fine. I took the other message back, that is why it is gone."))
	s.say(three, one, text("Hello Demo One!"))
	s.say(three, one, text("Unread messages are counted, here and in the title of the tab."))
}

func (s *show) notes() {
	s.say(one, chat.FileTransfer, text("Notes to myself, and files between my own devices."))
}

func (s *show) inboxes() {
	for _, n := range []chat.NewNotification{
		{Category: "task", Type: "taskcomment", Name: "Look around in the demo", Text: "Demo Two commented on a task: “Done already?”", URL: "https://example.com/demo/task", EntityID: "demo-task", Accounts: []chat.AccountID{one}},
		{Category: "task", Type: "0", Name: "Look around in the demo", Text: "Demo Three mentioned you in a task", URL: "https://example.com/demo/task", EntityID: "demo-task", Accounts: []chat.AccountID{one}},
		{Category: "calendar", Type: "eventcreate", Name: "Demo meeting", Text: "Demo Two invited you: Demo meeting, today at three", URL: "https://example.com/demo/event", EntityID: "demo-event", Accounts: []chat.AccountID{one, three}},
		{Category: "post", Type: "postcomment", Name: "A demo post", Text: "Demo Three likes a post of yours", URL: "https://example.com/demo/post", EntityID: "demo-post", Weak: true, Accounts: []chat.AccountID{one}},
	} {
		if s.err == nil {
			_, _, err := s.svc.Notify(s.ctx, n)
			s.do(err)
		}
	}
	if s.err == nil {
		_, err := s.svc.RequestFriend(s.ctx, s.by(outsider.ID), chat.NewFriendRequest{To: one, Message: "We met at the demo."})
		s.do(err)
	}
}

func (s *show) order(g chat.GroupID) {
	if s.err == nil {
		s.do(s.svc.SetSticky(s.ctx, s.by(one), chat.ChatRef{Type: chat.SessionGroup, ID: string(g)}, true))
	}
}
