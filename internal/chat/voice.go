package chat

import "context"

// HearVoice marks a voice message as heard by the caller. It must be one that
// the caller may read, else [ErrMessageNotFound]. Twice is once.
func (s *Service) HearVoice(ctx context.Context, by Actor, id MessageID) error {
	now := s.now()
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		m, err := readable(tx, by.Account, id)
		if err != nil {
			return err
		}
		if m.Type != TypeVoice {
			return Invalid("messageId", "must be a voice message's")
		}
		first, err := tx.SetHeard(by.Account, id, now)
		if err != nil || !first {
			return err
		}
		tx.Publish(VoiceHeard{Account: by.Account, Message: id, Origin: by.Socket})
		return nil
	})
}
