package chat

import "context"

// The activity of an account is what it does at this moment: it is online, or types. It is told only among
// accounts that show theirs: not to and of those that hide it, themselves or through an organization that they are in.

// ActivityTx reads who shows the own activity.
type ActivityTx interface {
	// ShowingActivity returns those of the accounts, in their order, that are active and neither hide their activity nor are
	// in an organization that hides that of its members.
	ShowingActivity([]AccountID) ([]AccountID, error)
}

// HidesActivity reports whether the activity of the account is hidden by itself, by one of its organizations, or by the server.
func (s *Service) HidesActivity(ctx context.Context, a AccountID) (bool, error) {
	if s.live().HideActivity {
		return true, nil
	}
	return view(ctx, s, func(tx Tx) (bool, error) {
		shown, err := tx.ShowingActivity([]AccountID{a})
		return len(shown) == 0, err
	})
}

// pass delivers an event that is in no commit.
func (s *Service) pass(e Event, elsewhere bool) {
	if s.opts.Pass != nil {
		s.opts.Pass(e, elsewhere)
	}
}

// Overhear takes in events of another node that are in no commit, before they are delivered. It never blocks.
func (s *Service) Overhear(events []Event) {
	for _, e := range events {
		if e, ok := e.(Typed); ok {
			s.typings.hear(typist{e.By.ID, e.Chat}, e.At, s.now(), s.live().TypingPause)
		}
	}
}
