package gateway

import (
	"context"

	"parley/internal/chat"
	"parley/internal/wire"
)

// class is the kind of work that a request is; each has a rate limit of its own.
type class int

const (
	sending     class = iota // stores something that others are shown
	querying                 // reads
	controlling              // everything else
	numClasses
)

// request is a line of the table.
type request struct {
	name  string
	class class
	send  bool // one of the two whose result may come first
	run   func(c *call, arg []byte) (any, error)
}

// call is a request on its way.
type call struct {
	g      *Gateway
	ctx    context.Context
	client Client
	by     chat.Actor
}

func (c *call) svc() *chat.Service    { return c.g.svc }
func (c *call) encode() *wire.Encoder { return &c.g.opts.Encoder }
func done(err error) (any, error)     { return wire.Number(1), err }
func with[P any](f func(*call, *P) (any, error)) func(*call, []byte) (any, error) {
	return func(c *call, arg []byte) (any, error) {
		p, err := wire.Decode[P](arg)
		if err != nil {
			return nil, err
		}
		return f(c, p)
	}
}

// requests is every request of the contract (docs/protocol/README.md).
var requests = []request{
	{wire.EventSendMessage, sending, true, with(sendMessage)},
	{wire.EventSendGroupMessage, sending, true, with(sendGroupMessage)},
	{wire.EventWithdrawMessage, sending, false, with(withdrawMessage)},
	{wire.EventWithdrawGroupMessage, sending, false, with(withdrawGroupMessage)},
	{wire.EventShake, sending, false, with(shake)},
	{wire.EventGroupShake, sending, false, with(groupShake)},
	{wire.EventEditMessage, sending, false, with(editMessage)},
	{wire.EventMessageRevisions, querying, false, with(messageRevisions)},
	{wire.EventSetReaction, sending, false, with(setReaction)},
	{wire.EventReactors, querying, false, with(reactors)},
	{wire.EventSetPin, sending, false, with(setPin)},
	{wire.EventPinnedMessages, querying, false, with(pinnedMessages)},
	{wire.EventReadMarks, querying, false, with(readMarks)},
	{wire.EventReaders, querying, false, with(readers)},
	{wire.EventUnreadCount, querying, false, with(unreadCount)},
	{wire.EventAllUnread, querying, false, with(allUnread)},
	{wire.EventInboxUnread, querying, false, with(inboxUnread)},
	{wire.EventDrafts, querying, false, with(drafts)},
	{wire.EventUploadToken, querying, false, with(uploadToken)},
	{wire.EventCurrentChat, controlling, false, with(currentChat)},
	{wire.EventClearChat, controlling, false, with(clearChat)},
	{wire.EventTyping, controlling, false, with(typing)},
	{wire.EventWatchAvailability, querying, false, with(watchAvailability)},
	{wire.EventSetStatus, controlling, false, with(setStatus)},
	{wire.EventSetAway, controlling, false, with(setAway)},
	{wire.EventOperate, controlling, false, with(operate)},
	{wire.EventClearUnread, controlling, false, with(clearUnread)},
	{wire.EventMarkUnread, controlling, false, with(markUnread)},
	{wire.EventClearAllUnread, controlling, false, with(clearAllUnread)},
	{wire.EventClearNotification, controlling, false, with(clearNotification)},
	{wire.EventVoiceAsRead, controlling, false, with(voiceAsRead)},
	{wire.EventRemoveSession, controlling, false, with(removeSession)},
	{wire.EventStickyOnTop, controlling, false, with(stickyOnTop)},
	{wire.EventSetUserNotice, controlling, false, with(setUserNotice)},
	{wire.EventSilenceMessage, controlling, false, with(silenceMessage)},
	{wire.EventSetDraft, controlling, false, with(setDraft)},
}

// unknown answers every other event.
var unknown = request{class: controlling, run: func(*call, []byte) (any, error) {
	return nil, chat.ErrUnknownEvent
}}

func sendMessage(c *call, p *wire.SendMessage) (any, error) {
	draft, err := p.Draft()
	if err != nil {
		return nil, err
	}
	r, err := c.svc().SendMessage(c.ctx, c.by, p.ToUser, draft)
	if err != nil {
		return nil, err
	}
	return c.encode().Sent(&r), nil
}

func sendGroupMessage(c *call, p *wire.SendGroupMessage) (any, error) {
	draft, err := p.Draft()
	if err != nil {
		return nil, err
	}
	r, err := c.svc().SendGroupMessage(c.ctx, c.by, p.ToGroup, draft)
	if err != nil {
		return nil, err
	}
	return c.encode().Sent(&r), nil
}

func withdrawMessage(c *call, p *wire.WithdrawMessage) (any, error) {
	m, err := c.svc().WithdrawMessage(c.ctx, c.by, p.ToUser, p.MessageID)
	if err != nil {
		return nil, err
	}
	return c.encode().WithdrawResult(&m), nil
}

func withdrawGroupMessage(c *call, p *wire.WithdrawGroupMessage) (any, error) {
	m, err := c.svc().WithdrawGroupMessage(c.ctx, c.by, p.GroupID, p.MessageID)
	if err != nil {
		return nil, err
	}
	return c.encode().WithdrawResult(&m), nil
}

func editMessage(c *call, p *wire.EditMessage) (any, error) {
	ref := chat.ChatRef{Type: chat.SessionType(p.Type), ID: p.ID}
	m, err := c.svc().EditMessage(c.ctx, c.by, ref, p.MessageID, p.Msg)
	if err != nil {
		return nil, err
	}
	return c.encode().Edited(&m), nil
}

func messageRevisions(c *call, p *wire.MessageRevisions) (any, error) {
	ref := chat.ChatRef{Type: chat.SessionType(p.Type), ID: p.ID}
	all, err := c.svc().Revisions(c.ctx, c.by.Account, ref, p.MessageID)
	return c.encode().Revisions(all), err
}

func setReaction(c *call, p *wire.SetReaction) (any, error) {
	ref := chat.ChatRef{Type: chat.SessionType(p.Type), ID: p.ID}
	all, err := c.svc().SetReaction(c.ctx, c.by, ref, p.MessageID, string(p.Emoji), p.IsOn)
	return c.encode().ReactionsSet(p.MessageID, all), err
}

func reactors(c *call, p *wire.Reactors) (any, error) {
	ref := chat.ChatRef{Type: chat.SessionType(p.Type), ID: p.ID}
	all, err := c.svc().Reactors(c.ctx, c.by.Account, ref, p.MessageID, string(p.Emoji), p.Offset, p.Limit)
	return c.encode().Reactors(all), err
}

func setPin(c *call, p *wire.SetPin) (any, error) {
	ref := chat.ChatRef{Type: chat.SessionType(p.Type), ID: p.ID}
	set, err := c.svc().SetPin(c.ctx, c.by, ref, p.MessageID, p.IsPinned)
	if err != nil {
		return nil, err
	}
	return c.encode().MessagePinned(&set), nil
}

func pinnedMessages(c *call, p *wire.PinnedMessages) (any, error) {
	all, err := c.svc().PinnedMessages(c.ctx, c.by.Account, chat.ChatRef{Type: chat.SessionType(p.Type), ID: p.ID})
	return c.encode().Pins(all), err
}

func readMarks(c *call, p *wire.ReadMarks) (any, error) {
	ref := chat.ChatRef{Type: chat.SessionType(p.Type), ID: p.ID}
	all, err := c.svc().ReadMarks(c.ctx, c.by.Account, ref, p.MessageIDs)
	return c.encode().ReadMarks(all), err
}

func readers(c *call, p *wire.Readers) (any, error) {
	ref := chat.ChatRef{Type: chat.SessionType(p.Type), ID: p.ID}
	mark, all, err := c.svc().Readers(c.ctx, c.by.Account, ref, p.MessageID, p.Read, p.Offset, p.Limit)
	return c.encode().Readers(mark, all), err
}

func shake(c *call, p *wire.Shake) (any, error) {
	return done(c.svc().Shake(c.ctx, c.by, p.AID))
}

func groupShake(c *call, p *wire.GroupShake) (any, error) {
	return done(c.svc().ShakeGroup(c.ctx, c.by, p.GID, p.ToUser.IDs, p.ToUser.All, p.MessageID))
}

func unreadCount(c *call, _ *wire.Empty) (any, error) {
	counts, err := c.svc().UnreadCounts(c.ctx, c.by.Account)
	return c.encode().UnreadCount(counts), err
}

func allUnread(c *call, _ *wire.Empty) (any, error) {
	totals, err := c.svc().UnreadTotals(c.ctx, c.by.Account)
	return c.encode().AllUnread(totals), err
}

func inboxUnread(c *call, _ *wire.Empty) (any, error) {
	inboxes, err := c.svc().InboxUnread(c.ctx, c.by.Account)
	return c.encode().InboxUnread(inboxes), err
}

func uploadToken(c *call, p *wire.UploadToken) (any, error) {
	grant := c.g.opts.UploadToken
	if grant == nil {
		return nil, chat.ErrForbidden
	}
	u, err := grant(c.by.Account, p.Type, p.Ext)
	return &u, err
}

// currentChat returns 0 if there is no such chat; the socket then has no current chat.
func currentChat(c *call, p *wire.CurrentChat) (any, error) {
	_, ok, err := c.svc().LookAt(c.ctx, c.client.Viewer(), c.client.Session(), p.ID)
	if err != nil {
		return nil, err
	}
	if !ok {
		return wire.Number(0), nil
	}
	return wire.Number(1), nil
}

func clearChat(c *call, _ *wire.Empty) (any, error) {
	return done(c.svc().LookAway(c.ctx, c.client.Viewer(), c.client.Session()))
}

func typing(c *call, p *wire.Typing) (any, error) {
	return done(c.svc().TellTyping(c.ctx, c.by, chat.ChatRef{Type: chat.SessionType(p.Type), ID: p.ID}))
}

// watchAvailability has the client told from before the answer is read, so that it misses nothing. Accounts about which the caller may
// know nothing are forgotten then.
func watchAvailability(c *call, p *wire.WatchAvailability) (any, error) {
	c.client.Watch(p.IDs, false)
	all, err := c.svc().Availabilities(c.ctx, c.by.Account, p.IDs)
	if err != nil {
		c.client.Watch(nil, true)
		return nil, err
	}
	known := make([]chat.AccountID, len(all))
	for i := range all {
		known[i] = all[i].Account
	}
	c.client.Watch(known, true)
	return c.encode().Availabilities(all), nil
}

func setStatus(c *call, p *wire.SetStatus) (any, error) {
	st, err := c.svc().SetStatus(c.ctx, c.by, p.Status())
	return c.encode().Status(st), err
}

func setAway(c *call, p *wire.SetAway) (any, error) {
	c.client.SetAway(p.IsAway)
	return done(nil)
}

func operate(c *call, p *wire.Operation) (any, error) {
	return done(c.svc().Operate(c.ctx, c.by, p.JSON))
}

func clearUnread(c *call, p *wire.ClearUnread) (any, error) {
	if p.MessageID != 0 {
		return done(c.svc().ReadUpTo(c.ctx, c.by, p.Ref(), p.MessageID))
	}
	return done(c.svc().ClearUnread(c.ctx, c.by, p.Ref()))
}

func markUnread(c *call, p *wire.MarkUnread) (any, error) {
	marked, err := c.svc().MarkUnread(c.ctx, c.by, p.Ref(), p.MessageID)
	if err != nil {
		return nil, err
	}
	return c.encode().MarkedUnread(&marked), nil
}

func clearAllUnread(c *call, _ *wire.Empty) (any, error) {
	return done(c.svc().ClearAllUnread(c.ctx, c.by))
}

func clearNotification(c *call, p *wire.ClearNotification) (any, error) {
	return done(c.svc().ClearNotification(c.ctx, c.by, chat.Category(p.Type), p.Value, p.Clear))
}

func voiceAsRead(c *call, p *wire.VoiceAsRead) (any, error) {
	return done(c.svc().HearVoice(c.ctx, c.by, p.MessageID))
}

func removeSession(c *call, p *wire.RemoveSession) (any, error) {
	return done(c.svc().RemoveSession(c.ctx, c.by, p.Ref()))
}

func stickyOnTop(c *call, p *wire.StickyOnTop) (any, error) {
	return done(c.svc().SetSticky(c.ctx, c.by, p.Ref(), p.IsTop))
}

func setUserNotice(c *call, p *wire.SetUserNotice) (any, error) {
	return done(c.svc().SetDirectPush(c.ctx, c.by, p.AID, p.IsPush))
}

func silenceMessage(c *call, p *wire.SilenceMessage) (any, error) {
	return done(c.svc().SetSilence(c.ctx, c.by, chat.SessionType(p.Type), p.IsSilent))
}

func setDraft(c *call, p *wire.SetDraft) (any, error) {
	stored, err := c.svc().SetUnsent(c.ctx, c.by, p.Unsent(c.g.opts.Now()))
	if err != nil {
		return nil, err
	}
	return c.encode().Draft(stored), nil
}

func drafts(c *call, _ *wire.Empty) (any, error) {
	all, err := c.svc().UnsentTexts(c.ctx, c.by.Account)
	return c.encode().Drafts(all), err
}
