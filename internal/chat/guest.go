package chat

// The rule for guests: membership in an organization relates a guest to nobody.
//
//  1. The store decides which accounts are related: [Tx.RelatedAccounts], [Tx.Contacts] and the
//     directory exclude guests. Messages, shakes, adding people to a group, e-mail addresses and
//     profiles depend on these methods.
//  2. A guest cannot create a group or add people to one.
//  3. A guest can send friend requests only to people of the guest's groups. Other people can send
//     requests to a guest.

// isGuest reports whether the account is in an organization and only has the role guest.
func isGuest(tx Tx, a AccountID) (bool, error) {
	roles, err := tx.RolesOf(a)
	if err != nil {
		return false, err
	}
	for _, role := range roles {
		if role.colleague() {
			return false, nil
		}
	}
	return len(roles) > 0, nil
}

// refuseGuest returns [ErrForbidden] for a guest. A host system has no account and is not a guest.
func refuseGuest(tx Tx, by Actor) error {
	if by.Account == "" {
		return nil
	}
	guest, err := isGuest(tx, by.Account)
	if err == nil && guest {
		err = ErrForbidden
	}
	return err
}

// mayAsk reports whether the account may send a friend request to the other one. A guest may send one
// to a member of a common group, to a friend, and to a person with a waiting request to the guest.
func mayAsk(tx Tx, me, other AccountID) (bool, error) {
	guest, err := isGuest(tx, me)
	if err != nil || !guest {
		return err == nil, err
	}
	common, err := tx.GroupsInCommon(me, other, 1)
	if err != nil || len(common) > 0 {
		return err == nil, err
	}
	side, err := waitingRequest(tx, me, other)
	if err != nil || side != "" {
		return err == nil, err
	}
	return tx.AreFriends(me, other)
}
