//go:build linux

package main

import (
	"crypto/sha256"
	"testing"

	"parley/internal/chat"
	"parley/internal/store"
)

func TestSeedWritesPeopleWhoCanLogInAndTheirHistory(t *testing.T) {
	b := &bench{tmp: t.TempDir()}
	d, err := b.seed(4, 2501)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{Path: d.folder})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	stored := int64(0)
	err = db.View(t.Context(), func(tx chat.Tx) error {
		for i, p := range d.people {
			token, err := tx.TokenByHash(sha256.Sum256([]byte(p.token)))
			if err != nil {
				return err
			}
			if string(token.Account) != p.account {
				t.Errorf("token of %s: got account %s", p.account, token.Account)
			}
			if i%2 == 0 {
				c, err := tx.DirectConversation(chat.AccountID(p.account), chat.AccountID(d.people[i+1].account))
				if err != nil {
					return err
				}
				stored += c.LastSeq
			}
		}
		related, err := tx.RelatedAccounts(chat.AccountID(d.people[0].account), chat.AccountID(d.people[3].account))
		if !related {
			t.Error("the people are not each other's contacts")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if stored != 2501 {
		t.Errorf("messages stored: got %d, want 2501", stored)
	}
}
