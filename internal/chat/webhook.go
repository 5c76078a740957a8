package chat

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// WebhookID identifies an incoming webhook. It is not a secret.
type WebhookID string

// Webhook is an address at which programs write into a group. The address contains a token, of
// which only the hash is stored. The messages are those of a bot, an account that belongs to the webhook.
//
// A bot is no member of the group, but it has a row among the participants, as one who left before the first message. That row counts
// the messages of the bot, so that the unread counts of the members follow from the same numbers as with
// messages of people. See [ChatUnread].
type Webhook struct {
	ID        WebhookID
	Hash      [32]byte
	Group     GroupID
	Account   AccountID // the bot
	Secret    string    // with which requests are signed; empty: they are not signed
	Creator   AccountID // empty: a host system
	CreatedAt time.Time
	UsedAt    time.Time // of the latest message, to the minute; zero: there was none
}

// WebhookTx is the part of [Tx] for incoming webhooks.
type WebhookTx interface {
	CreateWebhook(Webhook) error
	UpdateWebhook(Webhook) error // Hash and Secret
	UseWebhook(WebhookID, time.Time) error
	RemoveWebhook(WebhookID) error
	RemoveWebhooks(GroupID) error
	Webhook(WebhookID) (Webhook, error)
	WebhookByHash(hash [32]byte) (Webhook, error)
	Webhooks(GroupID) ([]Webhook, error) // oldest first
}

// WebhookSeen is a webhook with its bot and the name of its creator.
type WebhookSeen struct {
	Webhook
	Bot         Account
	CreatorName string
}

// IssuedWebhook is a webhook with a token or a secret that cannot be read again.
type IssuedWebhook struct {
	WebhookSeen
	Token  string // of the address; empty: it has not changed
	Secret string // empty: it has not changed, or there is none
}

// WebhookPatch changes the fields that are not nil.
type WebhookPatch struct {
	Name, Avatar *string
	Signed       *bool // true: a new secret; false: requests are not signed
}

// Webhooks returns the webhooks of a group, oldest first. Administrators of the group only.
func (s *Service) Webhooks(ctx context.Context, by Actor, g GroupID) ([]WebhookSeen, error) {
	return view(ctx, s, func(tx Tx) ([]WebhookSeen, error) {
		if _, _, err := s.administrator(tx, by, g); err != nil {
			return nil, err
		}
		hooks, err := tx.Webhooks(g)
		if err != nil {
			return nil, err
		}
		all := make([]WebhookSeen, len(hooks))
		for i, h := range hooks {
			if all[i], err = webhookSeen(tx, h); err != nil {
				return nil, err
			}
		}
		return all, nil
	})
}

func webhookSeen(tx Tx, h Webhook) (seen WebhookSeen, err error) {
	seen.Webhook = h
	if seen.Bot, err = tx.Account(h.Account); err != nil || h.Creator == "" {
		return seen, err
	}
	creator, err := tx.Account(h.Creator)
	seen.CreatorName = creator.Name
	return seen, err
}

// CreateWebhook makes a webhook with its bot. Administrators of the group only.
func (s *Service) CreateWebhook(ctx context.Context, by Actor, g GroupID, name, avatar string) (IssuedWebhook, error) {
	name, err := s.cleanName("name", name)
	if err != nil {
		return IssuedWebhook{}, err
	}
	if err := checkURL("avatar", avatar); err != nil {
		return IssuedWebhook{}, err
	}
	token, now := newSecret(), s.now()
	bot := Account{ID: AccountID(newID()), Name: name, Avatar: avatar, Bot: true, CreatedAt: now}
	h := Webhook{ID: WebhookID(newID()), Hash: sha256.Sum256([]byte(token)), Group: g, Account: bot.ID, Creator: by.Account, CreatedAt: now}
	return update(ctx, s, func(tx Tx) (IssuedWebhook, error) {
		group, _, err := s.administrator(tx, by, g)
		if err != nil {
			return IssuedWebhook{}, err
		}
		others, err := tx.Webhooks(g)
		if err != nil {
			return IssuedWebhook{}, err
		}
		if most := s.opts.MaxWebhooks; len(others) >= most {
			return IssuedWebhook{}, Invalid("group", "must not have more than %d webhooks", most)
		}
		if err := tx.CreateAccount(bot); err != nil {
			return IssuedWebhook{}, err
		}
		if err := tx.AddFormerMember(group.Conversation, bot.ID, now); err != nil {
			return IssuedWebhook{}, err
		}
		if err := tx.CreateWebhook(h); err != nil {
			return IssuedWebhook{}, err
		}
		seen, err := webhookSeen(tx, h)
		if err != nil {
			return IssuedWebhook{}, err
		}
		return IssuedWebhook{WebhookSeen: seen, Token: token}, s.record(ctx, tx, h.did(AuditWebhookCreated, by, name))
	})
}

// did begins an entry of the audit log about the webhook.
func (h *Webhook) did(kind AuditKind, by Actor, name string) AuditEntry {
	return by.did(kind, h.Group).with("webhook", string(h.ID)).with("name", name)
}

// ownWebhook returns a webhook of a group for one of its administrators.
func (s *Service) ownWebhook(tx Tx, by Actor, g GroupID, id WebhookID) (Webhook, Account, error) {
	if _, _, err := s.administrator(tx, by, g); err != nil {
		return Webhook{}, Account{}, err
	}
	h, err := tx.Webhook(id)
	if err == nil && h.Group != g {
		err = ErrNotFound
	}
	if err != nil {
		return Webhook{}, Account{}, or(err, ErrNotFound)
	}
	bot, err := tx.Account(h.Account)
	return h, bot, err
}

// UpdateWebhook changes a webhook. A new name or picture also applies to earlier messages. Administrators of the group only.
func (s *Service) UpdateWebhook(ctx context.Context, by Actor, g GroupID, id WebhookID, p WebhookPatch) (IssuedWebhook, error) {
	if p.Name != nil {
		name, err := s.cleanName("name", *p.Name)
		if err != nil {
			return IssuedWebhook{}, err
		}
		p.Name = &name
	}
	if p.Avatar != nil {
		if err := checkURL("avatar", *p.Avatar); err != nil {
			return IssuedWebhook{}, err
		}
	}
	secret := newSecret()
	return update(ctx, s, func(tx Tx) (IssuedWebhook, error) {
		h, old, err := s.ownWebhook(tx, by, g, id)
		if err != nil {
			return IssuedWebhook{}, err
		}
		entry := h.did(AuditWebhookChanged, by, old.Name)
		bot, changed, issued := old, false, ""
		setIf(&bot.Name, p.Name)
		setIf(&bot.Avatar, p.Avatar)
		if bot != old {
			if err := tx.UpdateAccount(bot); err != nil {
				return IssuedWebhook{}, err
			}
			tx.Publish(AccountChanged{Account: bot})
			changed = true
			if bot.Name != old.Name {
				entry = entry.with("name", old.Name+" → "+bot.Name)
			}
			if bot.Avatar != old.Avatar {
				entry = entry.with("avatar", "changed")
			}
		}
		if p.Signed != nil && (*p.Signed || h.Secret != "") {
			h.Secret = ""
			if *p.Signed {
				h.Secret, issued = secret, secret
			}
			if err := tx.UpdateWebhook(h); err != nil {
				return IssuedWebhook{}, err
			}
			changed, entry = true, entry.with("signed", strconv.FormatBool(*p.Signed))
		}
		seen, err := webhookSeen(tx, h)
		if err != nil || !changed {
			return IssuedWebhook{WebhookSeen: seen}, err
		}
		return IssuedWebhook{WebhookSeen: seen, Secret: issued}, s.record(ctx, tx, entry)
	})
}

// RotateWebhook gives a webhook another address. The former one ends at once. Administrators of the group only.
func (s *Service) RotateWebhook(ctx context.Context, by Actor, g GroupID, id WebhookID) (IssuedWebhook, error) {
	token := newSecret()
	return update(ctx, s, func(tx Tx) (IssuedWebhook, error) {
		h, bot, err := s.ownWebhook(tx, by, g, id)
		if err != nil {
			return IssuedWebhook{}, err
		}
		h.Hash = sha256.Sum256([]byte(token))
		if err := tx.UpdateWebhook(h); err != nil {
			return IssuedWebhook{}, err
		}
		seen, err := webhookSeen(tx, h)
		if err != nil {
			return IssuedWebhook{}, err
		}
		return IssuedWebhook{WebhookSeen: seen, Token: token}, s.record(ctx, tx, h.did(AuditWebhookRotated, by, bot.Name))
	})
}

// RemoveWebhook ends a webhook. Its messages stay. Administrators of the group only.
func (s *Service) RemoveWebhook(ctx context.Context, by Actor, g GroupID, id WebhookID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		h, bot, err := s.ownWebhook(tx, by, g, id)
		if err != nil {
			return err
		}
		if err := tx.RemoveWebhook(h.ID); err != nil {
			return err
		}
		return s.record(ctx, tx, h.did(AuditWebhookRemoved, by, bot.Name))
	})
}

// WebhookOf returns the webhook whose address has the token, or [ErrNotFound].
func (s *Service) WebhookOf(ctx context.Context, token string) (Webhook, error) {
	hash := sha256.Sum256([]byte(token))
	return view(ctx, s, func(tx Tx) (Webhook, error) {
		h, err := tx.WebhookByHash(hash)
		return h, or(err, ErrNotFound)
	})
}

// WebhookMessage is a message that a program sends to a webhook. It is a card if Card is set, otherwise a text.
type WebhookMessage struct {
	Text      []WebhookText
	Card      json.RawMessage // in the normal form of the protocol
	WaitingID string          // the program's own name for it; empty: none
}

// WebhookText is a part of a text: Text, or a mention if At is set.
type WebhookText struct {
	Text string
	// At is the account id or the e-mail address of a member, or [Everyone]. Text is shown in place of the name of
	// anybody else, behind an @; empty: At.
	At string
}

// SendByWebhook sends a message as the bot of a webhook. A ban on speaking does not apply, because an administrator
// has made the webhook. Members that the text names are mentioned, as with [Service.ShakeGroup]. [ErrNotFound]: the webhook was removed, also because the group
// was dissolved, or has another address now.
func (s *Service) SendByWebhook(ctx context.Context, h Webhook, m WebhookMessage) (Receipt, error) {
	ctx = ExpectWaitingID(ctx, WaitingID{h.Account, m.WaitingID})
	return update(ctx, s, func(tx Tx) (Receipt, error) {
		r, err := s.sendByWebhook(tx, h, m)
		return orSentBefore(tx, h.Account, m.WaitingID, r, err)
	})
}

func (s *Service) sendByWebhook(tx Tx, h Webhook, m WebhookMessage) (Receipt, error) {
	h, err := tx.WebhookByHash(h.Hash) // as it is now
	if err != nil {
		return Receipt{}, or(err, ErrNotFound)
	}
	g, err := tx.GroupHead(h.Group)
	if err != nil {
		return Receipt{}, err
	}
	bot, err := tx.Account(h.Account)
	if err != nil {
		return Receipt{}, err
	}
	text, named, err := s.webhookText(tx, &g, m.Text)
	if err != nil {
		return Receipt{}, err
	}
	d := Draft{Content: Content{Type: TypeText, Text: text}, WaitingID: m.WaitingID}
	if m.Card != nil {
		d.Type, d.Card = TypeCard, m.Card
	}
	if err := s.checkDraft(d); err != nil {
		return Receipt{}, err
	}
	p := Posted{Message: newMessage(Actor{Account: bot.ID}, d), Group: &g, From: bot}
	now := s.now()
	p.Message.Conversation, p.Message.At = g.Conversation, now
	if p, err = s.post(tx, g.conversation(), MessageSent{Posted: p}); err != nil {
		return Receipt{}, err
	}
	if err := s.mentionByWebhook(tx, &p, named); err != nil {
		return Receipt{}, err
	}
	if now.Sub(h.UsedAt).Abs() >= time.Minute { // also after the clock was set back
		if err := tx.UseWebhook(h.ID, now); err != nil {
			return Receipt{}, err
		}
	}
	return Receipt{Posted: p}, nil
}

func (s *Service) mentionByWebhook(tx Tx, p *Posted, named []AccountID) error {
	if len(named) == 0 {
		return nil
	}
	m := &p.Message
	shaken := GroupShaken{From: m.From, Group: p.Group.ID, Message: m.ID, At: m.At}
	if named[0] == Everyone {
		named, shaken.All = named[:1], true
	} else {
		shaken.To = named
	}
	if err := tx.AddMentions(m.Conversation, m.ID, m.Seq, named); err != nil {
		return err
	}
	tx.Publish(shaken)
	return nil
}

// webhookText joins the parts of a text, with the names of the members that it mentions. It returns these, or only
// [Everyone] if it mentions the group.
func (s *Service) webhookText(tx Tx, g *Group, parts []WebhookText) (string, []AccountID, error) {
	var out strings.Builder
	var named []AccountID
	looked := make(map[string]Account) // each is looked up once, and not too many are: nobody else writes meanwhile
	all := false
	for i, part := range parts {
		if part.At == "" {
			out.WriteString(part.Text)
			continue
		}
		shown := part.Text
		if shown == "" {
			shown = part.At
		}
		if AccountID(part.At) == Everyone {
			all, shown = true, s.text().everyone()
		} else {
			a, known := looked[part.At]
			if !known {
				if len(looked) == s.opts.MaxMentions {
					return "", nil, Invalid("text", "must mention at most %d members", s.opts.MaxMentions)
				}
				var err error
				if a, err = mentioned(tx, g, part.At); err != nil {
					return "", nil, err
				}
				looked[part.At] = a
			}
			if a.ID != "" {
				named, shown = append(named, a.ID), a.Name
			}
		}
		out.WriteString("@" + shown)
		// The space ends the name for clients.
		if i+1 < len(parts) && !beginsWithSpace(parts[i+1].Text) {
			out.WriteString(" ")
		}
	}
	named = unique(named)
	switch {
	case all:
		named = []AccountID{Everyone}
	case len(named) > s.opts.MaxMentions:
		return "", nil, Invalid("text", "must mention at most %d members", s.opts.MaxMentions)
	}
	return strings.TrimRightFunc(out.String(), unicode.IsSpace), named, nil
}

func beginsWithSpace(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsSpace(r)
}

// mentioned returns the member of the group with an id or an e-mail address, or an account without an ID. An address of several
// members names none of them.
func mentioned(tx Tx, g *Group, who string) (Account, error) {
	if checkID("at", AccountID(who)) != nil {
		return Account{}, nil
	}
	candidates, err := tx.Accounts([]AccountID{AccountID(who)})
	if err != nil {
		return Account{}, err
	}
	if email, invalid := cleanEmail("at", who); invalid == nil && email != "" {
		same, err := tx.AccountsByEmail(email)
		if err != nil {
			return Account{}, err
		}
		candidates = append(candidates, same...)
	}
	var found Account
	for _, a := range candidates {
		in, err := isMember(tx, g.Conversation, a.ID)
		switch {
		case err != nil:
			return Account{}, err
		case in && found.ID != "" && found.ID != a.ID:
			return Account{}, nil
		case in:
			found = a
		}
	}
	return found, nil
}

// notBot refuses to change the account of a webhook, which only the administrators of its group change.
func notBot(tx Tx, id AccountID) error {
	a, err := tx.Account(id)
	if errors.Is(err, ErrNoRow) || err == nil && !a.Bot {
		return nil
	}
	if err != nil {
		return err
	}
	return Invalid("account", "is a bot, which the administrators of its group change")
}
