package store

import (
	"slices"

	"parley/internal/chat"
)

func (t *tx) ShowingActivity(ids []chat.AccountID) ([]chat.AccountID, error) {
	var shown []chat.AccountID
	for _, id := range ids {
		a, err := t.Account(id)
		if err == chat.ErrNoRow {
			continue
		}
		if err != nil {
			return nil, err
		}
		if a.Active && !a.HidesActivity {
			shown = append(shown, id)
		}
	}
	if len(shown) == 0 {
		return nil, nil
	}
	// Without such an organization, which is usual, nothing has to be looked up for each account.
	some, err := t.bool("SELECT EXISTS (SELECT 1 FROM organization WHERE hides_activity = 1)")
	if err != nil || !some {
		return shown, err
	}
	hidden := make(map[chat.AccountID]bool)
	for _, args := range accountParts(shown) {
		found, err := list(t, readString[chat.AccountID], `SELECT o.account FROM organization_member o JOIN organization g ON g.id = o.organization
			WHERE g.hides_activity = 1 AND `+oneOf("o.account", args), args...)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			hidden[id] = true
		}
	}
	return slices.DeleteFunc(shown, func(id chat.AccountID) bool { return hidden[id] }), nil
}
