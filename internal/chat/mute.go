package chat

import (
	"context"
	"time"
)

// DirectPushSet: "set user notice" to all of the account's sockets.
type DirectPushSet struct {
	Account AccountID
	Peer    AccountID
	Push    bool
}

func (DirectPushSet) event() {}

// SetDirectPush mutes the direct chat with another account for the caller, or unmutes it. Its messages still come and
// count, apart, as those of a muted group ([Service.SetGroupPush]). A chat with a contact can be muted before its first
// message, and an existing one also after the end of the relation.
func (s *Service) SetDirectPush(ctx context.Context, by Actor, peer AccountID, push bool) error {
	if err := checkID("aid", peer); err != nil {
		return err
	}
	if peer == by.Account || peer == FileTransfer {
		return Invalid("aid", "must be another account")
	}
	now := s.now()
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		found, err := findDirect(tx, by.Account, peer)
		if err != nil {
			return err
		}
		if err := setDirectPush(tx, by.Account, peer, found, push, now); err != nil {
			return err
		}
		tx.Publish(DirectPushSet{Account: by.Account, Peer: peer, Push: push})
		return nil
	})
}

func setDirectPush(tx Tx, me, peer AccountID, found chat, push bool, now time.Time) error {
	if found.begun {
		return tx.SetPush(found.id, me, push)
	}
	if push { // it is not muted
		return nil
	}
	c, err := tx.CreateDirectConversation(me, peer, now)
	if err != nil {
		return err
	}
	return tx.SetPush(c.ID, me, false)
}

// mutedBy returns which of the accounts have muted a direct chat.
func mutedBy(tx Tx, c *Conversation, accounts []AccountID) (muted []AccountID, err error) {
	if c.Kind != KindDirect {
		return nil, nil
	}
	for _, a := range accounts {
		m, err := tx.Membership(c.ID, a)
		if err != nil {
			return nil, err
		}
		if !m.Push {
			muted = append(muted, a)
		}
	}
	return muted, nil
}
