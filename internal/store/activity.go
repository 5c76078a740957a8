package store

import (
	"slices"

	"parley/internal/chat"
)

func (t *tx) ShowingActivity(ids []chat.AccountID) ([]chat.AccountID, error) {
	shown := " AND p.active = 1 AND p.hides_activity = 0"
	// Without such an organization, which is usual, nothing has to be looked up for each account.
	some, err := t.bool("SELECT EXISTS (SELECT 1 FROM organization WHERE hides_activity = 1)")
	if err != nil {
		return nil, err
	}
	if some {
		shown += " AND NOT EXISTS (SELECT 1 FROM organization_member o JOIN organization g ON g.id = o.organization WHERE g.hides_activity = 1 AND o.account = p.id)"
	}
	return t.amongAccounts(ids, func(args []any) ([]chat.AccountID, error) {
		return list(t, readString[chat.AccountID], "SELECT p.id FROM account p WHERE "+oneOf("p.id", args)+shown, args...)
	})
}

// amongAccounts returns those of the accounts, in their order, that find returns for the parameters of [accountParts].
func (t *tx) amongAccounts(ids []chat.AccountID, find func(args []any) ([]chat.AccountID, error)) ([]chat.AccountID, error) {
	found := make(map[chat.AccountID]bool, len(ids))
	for _, args := range accountParts(ids) {
		some, err := find(args)
		if err != nil {
			return nil, err
		}
		for _, id := range some {
			found[id] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id chat.AccountID) bool { return !found[id] }), nil
}
