package chat

// The rule for guests: an organization opens nobody to a guest, and no guest to anybody.
//
//  1. Who is related to whom is decided by the store: [Tx.RelatedAccounts], [Tx.Contacts] and
//     the directory read only colleagues. Writing, shaking, calling into a group, e-mail
//     addresses and profiles depend on it.
//  2. A guest makes no group and brings nobody into one.
//  3. A guest can ask only people of the guest's groups to become a contact. Others can ask
//     the guest: that is an invitation.

// isGuest reports whether the account is a guest: in an organization, and a colleague of
// nobody.
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

// refuseGuest returns [ErrForbidden] for a guest. The host system has no account.
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

// mayAsk reports whether the account may ask the other one to become a contact. A guest may
// ask somebody in a common group, and somebody who has asked the guest.
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
