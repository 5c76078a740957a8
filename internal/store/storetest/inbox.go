package storetest

import "parley/internal/chat"

// notify puts a notification into the accounts' task inboxes.
func (w *world) notify(text string, weak bool, accounts ...chat.AccountID) []chat.Inbox {
	w.Helper()
	inboxes, _ := w.notified(text, weak, accounts...)
	return inboxes
}

// notified is notify and tells the id as well.
func (w *world) notified(text string, weak bool, accounts ...chat.AccountID) ([]chat.Inbox, chat.NotificationID) {
	w.Helper()
	n := chat.Notification{
		Category: "task", Type: "taskcomment", Text: text, Name: "Plan",
		URL: "/t/1", EntityID: "1", Weak: weak, At: w.tick(),
	}
	inboxes := made(w, func(tx chat.Tx) ([]chat.Inbox, error) { return tx.AddNotification(&n, accounts) })
	return inboxes, n.ID
}

func (w *world) inbox(a chat.AccountID) chat.Inbox {
	w.Helper()
	return get(w, func(tx chat.Tx) (chat.Inbox, error) { return tx.Inbox(a, "task") })
}

var inboxTests = []test{
	{"receiving", func(w *world) {
		w.people("ann", "bob")
		_, first := w.notified("1", false, "ann", "bob")
		got, id := w.notified("2", true, "ann")
		if first == 0 || id <= first {
			w.Errorf("ids: got %d, then %d, want them to grow from 1", first, id)
		}
		want := chat.Inbox{Account: "ann", Category: "task", LastSeq: 2, Strong: 1, Listed: true, LastAt: w.clock, LastNotice: id}
		same(w, "returned", got, []chat.Inbox{want})
		same(w, "stored", w.inbox("ann"), want)
		same(w, "counts", []int64{want.Unread(), want.WeakUnread()}, []int64{1, 1})
		last := get(w, func(tx chat.Tx) (chat.Notification, error) { return tx.LastNotification("ann", "task") })
		same(w, "last", last, chat.Notification{
			ID: id, Account: "ann", Category: "task", Seq: 2, Strong: 1, Type: "taskcomment",
			Text: "2", Name: "Plan", URL: "/t/1", EntityID: "1", Weak: true, At: w.clock,
		})
		texts := func(before int64, limit int) (all []string) {
			for _, n := range get(w, func(tx chat.Tx) ([]chat.Notification, error) { return tx.Notifications("ann", "task", before, limit) }) {
				all = append(all, n.Text)
			}
			return all
		}
		same(w, "newest first", texts(0, 9), []string{"2", "1"})
		same(w, "before 2", texts(2, 9), []string{"1"})
		same(w, "one", texts(0, 1), []string{"2"})
		w.both(func(tx chat.Tx) error {
			_, err := tx.LastNotification("ann", "hr")
			w.wantNoRow(err)
			_, err = tx.Inbox("ann", "hr")
			w.wantNoRow(err)
			return nil
		})
		same(w, "nobody", w.notify("3", false), nil)
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error {
			_, err := tx.AddNotification(&chat.Notification{Category: "task"}, []chat.AccountID{"nobody"})
			return err
		}))
	}},

	{"reading", func(w *world) {
		w.people("ann")
		for _, weak := range []bool{false, true, false, true, false, true} {
			w.notify("n", weak, "ann")
		}
		read := func(left int64) []int64 {
			i := made(w, func(tx chat.Tx) (chat.Inbox, error) { return tx.ReadInbox("ann", "task", left) })
			same(w, "returned", i, w.inbox("ann"))
			return []int64{i.Unread(), i.WeakUnread(), i.ReadSeq}
		}
		same(w, "more than there are", read(9), []int64{3, 3, 0})
		same(w, "one of three", read(2), []int64{2, 2, 2})
		same(w, "never backwards", read(3), []int64{2, 2, 2})
		same(w, "all but one", read(1), []int64{1, 1, 4})
		same(w, "all", read(0), []int64{0, 0, 6})
		w.notify("weak", true, "ann")
		same(w, "a weak one", read(0), []int64{0, 0, 7})
	}},

	{"unread of a type", func(w *world) {
		w.people("ann", "bob")
		add := func(kind string) {
			w.do(func(tx chat.Tx) error {
				_, err := tx.AddNotification(&chat.Notification{Category: "post", Type: kind, At: w.tick()}, []chat.AccountID{"ann"})
				return err
			})
		}
		has := func(a chat.AccountID, c chat.Category, types ...string) bool {
			return get(w, func(tx chat.Tx) (bool, error) { return tx.HasUnread(a, c, types) })
		}
		same(w, "no inbox", has("ann", "post", "a"), false)
		add("a")
		add("b")
		same(w, "of the types", []bool{has("ann", "post", "a"), has("ann", "post", "c", "b")}, []bool{true, true})
		same(w, "of no such type", []bool{has("ann", "post", "c"), has("ann", "post")}, []bool{false, false})
		same(w, "elsewhere", []bool{has("ann", "task", "a"), has("bob", "post", "a")}, []bool{false, false})
		w.do(func(tx chat.Tx) error { _, err := tx.ReadInbox("ann", "post", 1); return err })
		same(w, "the older one is read", []bool{has("ann", "post", "a"), has("ann", "post", "b")}, []bool{false, true})
		w.do(func(tx chat.Tx) error { _, err := tx.MarkEverythingRead("ann"); return err })
		same(w, "all are read", has("ann", "post", "a", "b"), false)
	}},

	{"settings", func(w *world) {
		w.people("ann")
		at := w.tick()
		w.do(func(tx chat.Tx) error { return tx.SetInboxSilent("ann", "task", true) })
		w.do(func(tx chat.Tx) error { return tx.SetInboxTop("ann", "task", at) })
		same(w, "before the first", w.inbox("ann"), chat.Inbox{Account: "ann", Category: "task", Silent: true, TopAt: at})
		w.notify("1", false, "ann")
		i := w.inbox("ann")
		same(w, "after it", []any{i.Silent, i.Listed, i.TopAt, i.Unread()}, []any{true, true, at, int64(1)})
		w.do(func(tx chat.Tx) error { return tx.UnlistInbox("ann", "task") })
		i = w.inbox("ann")
		same(w, "off the list", []any{i.Listed, i.Unread(), i.TopAt}, []any{false, int64(1), at})
		w.do(func(tx chat.Tx) error { return tx.UnlistInbox("ann", "hr") })
		same(w, "all", len(get(w, func(tx chat.Tx) ([]chat.Inbox, error) { return tx.Inboxes("ann") })), 1)
	}},
}
