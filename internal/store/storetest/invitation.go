package storetest

import (
	"errors"
	"time"

	"parley/internal/chat"
)

var invitationTests = []test{
	{"invitations", func(w *world) {
		w.people("ann")
		at := w.tick()
		w.do(func(tx chat.Tx) error {
			return errors.Join(
				tx.CreateOrganization(chat.Organization{ID: "one", Name: "One", CreatedAt: at}),
				tx.CreateOrganization(chat.Organization{ID: "two", Name: "Two", CreatedAt: at}))
		})
		first := chat.Invitation{
			ID: "i1", Hash: [32]byte{1}, Organization: "one", Role: chat.OrganizationGuest, Groups: []chat.GroupID{"g1", "g2"},
			Email: "bea@example.test", Domain: "example.test", MaxUses: 3, Creator: "ann", CreatedAt: at, ExpiresAt: at.Add(time.Hour),
		}
		second := chat.Invitation{
			ID: "i2", Hash: [32]byte{2}, Organization: "one", Role: chat.OrganizationMember, CreatedAt: at.Add(time.Second), ExpiresAt: at.Add(time.Hour),
		}
		other := chat.Invitation{ID: "i3", Hash: [32]byte{3}, Organization: "two", Role: chat.OrganizationMember, CreatedAt: at, ExpiresAt: at}
		for _, i := range []chat.Invitation{first, second, other} {
			w.do(func(tx chat.Tx) error { return tx.CreateInvitation(i) })
		}
		err := w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.CreateInvitation(first) })
		if !errors.Is(err, chat.ErrDuplicate) {
			w.Errorf("again: got error %v", err)
		}
		page := func(offset, limit int) []chat.Invitation {
			return get(w, func(tx chat.Tx) ([]chat.Invitation, error) { return tx.Invitations("one", offset, limit) })
		}
		same(w, "newest first", page(0, 10), []chat.Invitation{second, first})
		same(w, "second page", page(1, 1), []chat.Invitation{first})

		first.Uses, first.RevokedAt = 2, w.tick()
		w.do(func(tx chat.Tx) error { return tx.UpdateInvitation(first) })
		same(w, "by id", get(w, func(tx chat.Tx) (chat.Invitation, error) { return tx.Invitation("i1") }), first)
		same(w, "by hash", get(w, func(tx chat.Tx) (chat.Invitation, error) { return tx.InvitationByHash([32]byte{1}) }), first)
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.Invitation("i9"); return err }))
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.InvitationByHash([32]byte{9}); return err }))
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.UpdateInvitation(chat.Invitation{ID: "i9"}) }))

		// An invitation kept its organization from being deleted.
		w.do(func(tx chat.Tx) error {
			return tx.SetRetention(chat.RetentionRule{Scope: chat.RetentionOrganization, ID: "one", Days: 5, SetAt: at})
		})
		w.do(func(tx chat.Tx) error { return tx.DeleteOrganization("one") })
		same(w, "after the organization", page(0, 10), nil)
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error {
			_, err := tx.RetentionRule(chat.RetentionOrganization, "one")
			return err
		}))
		same(w, "of the other one", get(w, func(tx chat.Tx) (chat.Invitation, error) { return tx.Invitation("i3") }), other)
	}},
}
