package history_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/resttest"
)

func column(rows []map[string]any, name string) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, fmt.Sprint(r[name]))
	}
	return out
}

func TestDirectHistoryRow(t *testing.T) {
	w := resttest.New(t)
	quoted := w.Say(w.Bob, w.Alice, "the plan?")
	_, err := w.Service.SendMessage(t.Context(), chat.Actor{Account: w.Alice, App: w.App.ID}, w.Bob, chat.Draft{
		Content: chat.Content{Type: chat.TypeFile, Text: "here", File: json.RawMessage(`{"url":"https://files.example.test/plan.pdf","name":"plan.pdf","size":12}`)},
		Refer:   quoted.Message.ID, WaitingID: "w-7",
	})
	w.OK(err)
	row := w.Read(w.Token(w.Alice), "/messages", "accountid", string(w.Bob), "num", "1")[0]
	at := fmt.Sprint(row["time"])
	if len(at) != len("2026-01-31 08:00:00.000") || strings.Contains(at, "T") {
		t.Errorf("time = %q, want a naive one", at)
	}
	refer := row["refer"].(map[string]any)
	want := map[string]any{
		"id": row["id"], "from": string(w.Alice), "uname": "Alice Demo", "logo": "", "to": string(w.Bob), "type": 4.0,
		"msg":  map[string]any{"con": "here", "files": map[string]any{"url": "https://files.example.test/plan.pdf", "name": "plan.pdf", "size": 12.0, "aid": string(w.Alice)}},
		"app":  map[string]any{"appid": string(w.App.ID), "name": "Demo app", "url": "https://app.example.test"},
		"time": at, "ts": row["ts"], "iswd": false, "waitingid": "w-7", "readMark": map[string]any{"read": 0.0, "of": 1.0},
		"fromAccount": map[string]any{"id": string(w.Alice), "name": "Alice Demo", "logo": ""},
		"refer": map[string]any{
			"msgid": resttest.MessageID(quoted), "msg": "the plan?", "type": 1.0, "iswd": false, "time": refer["time"], "ts": refer["ts"],
			"user": map[string]any{
				"id": string(w.Bob), "name": "Bob Demo", "avatar": "", "account_id": string(w.Bob), "full_name": "Bob Demo",
			},
		},
	}
	if diff := cmp.Diff(row, want); diff != "" {
		t.Errorf("row, got - want +:\n%s", diff)
	}
	// The other one does not see the sender's own name for it.
	if row := w.Read(w.Token(w.Bob), "/messages", "accountid", string(w.Alice), "num", "1")[0]; row["waitingid"] != nil {
		t.Errorf("waitingid = %v for the receiver, want none", row["waitingid"])
	}
}

func TestGroupHistoryRow(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	w.SayIn(g, w.Bob, "hello all")
	token := w.Token(w.Alice)
	rows := w.Read(token, "/group_messages", "groupid", string(g))
	if len(rows) != 2 || rows[0]["groupname"] != "Demo group" || rows[0]["isPush"] != true || rows[0]["to"] != string(g) {
		t.Fatalf("rows = %v, want the message and the system message of the creation", rows)
	}
	if _, there := rows[0]["sysType"]; there || rows[1]["sysType"] != 1.0 {
		t.Errorf("sysType = %v and %v, want none and 1", rows[0]["sysType"], rows[1]["sysType"])
	}
	w.OK(w.Service.SetGroupPush(t.Context(), chat.Actor{Account: w.Alice}, g, false))
	if rows := w.Read(token, "/group_messages", "groupid", string(g)); rows[0]["isPush"] != false {
		t.Errorf("isPush = %v of a muted group, want false", rows[0]["isPush"])
	}
}

func TestHistoryPagesBackAndForth(t *testing.T) {
	w := resttest.New(t)
	var want []string
	for i := range 25 {
		w.Say([]chat.AccountID{w.Alice, w.Bob}[i%2], []chat.AccountID{w.Bob, w.Alice}[i%2], fmt.Sprint("m", i))
		want = append(want, fmt.Sprint("m", i))
	}
	token := w.Token(w.Bob)
	newest := slices.Clone(want)
	slices.Reverse(newest)

	if got := resttest.Texts(w.Read(token, "/messages", "accountid", string(w.Alice))); !cmp.Equal(got, newest[:20]) {
		t.Errorf("without parameters = %v, want the newest 20, newest first", got)
	}
	for _, since := range []struct{ parameter, column string }{{"sincetime", "time"}, {"sincetime", "ts"}, {"sinceid", "id"}} {
		for _, direction := range []string{"", "0", "1"} {
			t.Run(since.parameter+" by "+since.column+" "+direction, func(t *testing.T) {
				w.T = t
				order := newest
				if direction == "1" {
					order = want
				}
				var got []string
				last := ""
				for {
					query := []string{"accountid", string(w.Alice), "num", "7", "direction", direction, since.parameter, last}
					rows := w.Read(token, "/messages", query...)
					if len(rows) == 0 {
						break
					}
					got = append(got, resttest.Texts(rows)...)
					last = fmt.Sprintf("%v", rows[len(rows)-1][since.column])
					if f, ok := rows[len(rows)-1][since.column].(float64); ok {
						last = fmt.Sprintf("%.0f", f)
					}
				}
				if !cmp.Equal(got, order) {
					t.Errorf("read %v, want each once in order: %v", got, order)
				}
			})
		}
	}
}

// A client reads the messages that it missed exactly once and in order, also while others write.
func TestMissedMessagesAreReadOnce(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	seen := w.SayIn(g, w.Alice, "seen")
	var want []string
	send := func(n int) {
		for range n {
			text := fmt.Sprint("missed ", len(want))
			w.SayIn(g, w.Alice, text)
			want = append(want, text)
		}
	}
	send(250)
	token := w.Token(w.Bob)
	var got []string
	last := resttest.MessageID(seen)
	for page := 0; ; page++ {
		rows := w.Read(token, "/group_messages", "groupid", string(g), "direction", "1", "sinceid", last, "num", "100")
		if len(rows) == 0 {
			break
		}
		got = append(got, resttest.Texts(rows)...)
		last = fmt.Sprint(rows[len(rows)-1]["id"])
		if page < 3 {
			send(5)
		}
	}
	if !cmp.Equal(got, want) {
		t.Errorf("read %d messages, want %d, each once in order", len(got), len(want))
	}
}

func TestHistorySearch(t *testing.T) {
	w := resttest.New(t)
	for i := range 5 {
		w.Say(w.Alice, w.Bob, fmt.Sprint("Lunch ", i))
		w.Say(w.Bob, w.Alice, fmt.Sprint("dinner ", i))
	}
	w.Say(w.Alice, w.Bob, "100% _sure_ 悬空引用")
	token := w.Token(w.Bob)
	search := func(keyword string, more ...string) []string {
		return resttest.Texts(w.Read(token, "/messages", append([]string{"accountid", string(w.Alice), "keyword", keyword}, more...)...))
	}
	if got, want := search("lunch"), []string{"Lunch 4", "Lunch 3", "Lunch 2", "Lunch 1", "Lunch 0"}; !cmp.Equal(got, want) {
		t.Errorf("search = %v, want %v", got, want)
	}
	if got, want := search("lunch", "num", "2", "page", "2"), []string{"Lunch 2", "Lunch 1"}; !cmp.Equal(got, want) {
		t.Errorf("second page = %v, want %v", got, want)
	}
	if got := search("lunch", "num", "2", "page", "4"); len(got) != 0 {
		t.Errorf("page after the last = %v, want nothing", got)
	}
	for keyword, want := range map[string]int{"悬空": 1, "100%": 1, "0%": 0, "_sure": 1, "sur": 1, "%": 1, "_": 1, "'": 0, "breakfast": 0} {
		if got := search(keyword); len(got) != want {
			t.Errorf("search for %q = %v, want %d", keyword, got, want)
		}
	}
}

func TestContextAndFiles(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	var direct, inGroup []chat.Receipt
	for i := range 9 {
		draft := resttest.TextDraft(fmt.Sprint("m", i))
		if i%2 == 0 {
			draft.Type, draft.File = chat.TypeImage, json.RawMessage(`{"url":"https://files.example.test/p.png","name":"p.png"}`)
		}
		r, err := w.Service.SendMessage(t.Context(), chat.Actor{Account: w.Alice}, w.Bob, draft)
		w.OK(err)
		direct = append(direct, r)
		r, err = w.Service.SendGroupMessage(t.Context(), chat.Actor{Account: w.Alice}, g, draft)
		w.OK(err)
		inGroup = append(inGroup, r)
	}
	token := w.Token(w.Bob)
	for _, chatKind := range []struct {
		around, files, name, id string
		sent                    []chat.Receipt
	}{
		{"/messages_byid", "/user_files_byid", "accountid", string(w.Alice), direct},
		{"/group_messages_byid", "/group_files_byid", "groupid", string(g), inGroup},
	} {
		anchor := resttest.MessageID(chatKind.sent[4])
		for _, named := range [][]string{nil, {chatKind.name, chatKind.id}} {
			get := func(path string, query ...string) []string {
				return resttest.Texts(w.Read(token, path, slices.Concat([]string{"msgid", anchor}, named, query)...))
			}
			if got, want := get(chatKind.around, "size", "5"), []string{"m2", "m3", "m4", "m5", "m6"}; !cmp.Equal(got, want) {
				t.Errorf("%s = %v, want %v", chatKind.around, got, want)
			}
			if got, want := get(chatKind.files, "size", "3"), []string{"m2", "m4", "m6"}; !cmp.Equal(got, want) {
				t.Errorf("%s around = %v, want %v", chatKind.files, got, want)
			}
			if got, want := get(chatKind.files, "size", "2", "type", "1"), []string{"m2", "m4"}; !cmp.Equal(got, want) {
				t.Errorf("%s before = %v, want %v", chatKind.files, got, want)
			}
			if got, want := get(chatKind.files, "size", "9", "type", "2"), []string{"m6", "m8"}; !cmp.Equal(got, want) {
				t.Errorf("%s after = %v, want %v", chatKind.files, got, want)
			}
		}
	}
	// A message of the other kind of chat is not there.
	w.Refused(w.Do("GET", "/messages_byid?msgid="+resttest.MessageID(inGroup[0]), nil, resttest.As(token)), 404, "message not found")
	w.Refused(w.Do("GET", "/group_files_byid?msgid="+resttest.MessageID(direct[0]), nil, resttest.As(token)), 404, "message not found")
	w.Refused(w.Do("GET", "/messages_byid?accountid="+string(w.Alice)+"&msgid="+resttest.MessageID(inGroup[0]), nil, resttest.As(token)), 404, "message not found")
}

func TestWithdrawnMessageInHistory(t *testing.T) {
	w := resttest.New(t)
	sent := w.Say(w.Alice, w.Bob, "a secret")
	quoting, err := w.Service.SendMessage(t.Context(), chat.Actor{Account: w.Bob}, w.Alice, chat.Draft{
		Content: chat.Content{Type: chat.TypeText, Text: "why?"}, Refer: sent.Message.ID,
	})
	w.OK(err)
	_, err = w.Service.WithdrawMessage(t.Context(), chat.Actor{Account: w.Alice}, w.Bob, sent.Message.ID)
	w.OK(err)
	a := w.Do("GET", "/messages?direction=1&accountid="+string(w.Alice), nil, resttest.As(w.Token(w.Bob)))
	rows := w.List(a, 200)
	if resttest.Contains(a.Body, "a secret") || rows[0]["iswd"] != true || rows[0]["id"] != resttest.MessageID(sent) {
		t.Errorf("history = %s, want the place without the text", a.Body)
	}
	if refer := rows[1]["refer"].(map[string]any); rows[1]["id"] != resttest.MessageID(quoting) || refer["iswd"] != true || refer["msg"] != "" {
		t.Errorf("quote = %v, want it withdrawn", refer)
	}
	w.List(w.Do("GET", "/messages?accountid="+string(w.Alice)+"&keyword=secret", nil, resttest.As(w.Token(w.Bob))), 200)
}

func TestChatList(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	w.Say(w.Alice, w.Bob, "one")
	w.Say(w.Alice, w.Bob, "two")
	_, _, err := w.Service.Notify(t.Context(), chat.NewNotification{Category: "task", Type: "taskcomment", Text: "commented", Accounts: []chat.AccountID{w.Bob}})
	w.OK(err)
	mention := w.SayIn(g, w.Alice, "@Bob Demo look")
	w.OK(w.Service.ShakeGroup(t.Context(), chat.Actor{Account: w.Alice}, g, []chat.AccountID{w.Bob}, false, mention.Message.ID))
	w.Say(w.Bob, chat.FileTransfer, "note to myself")
	token := w.Token(w.Bob)

	rows := w.Read(token, "/chat_list")
	if got, want := column(rows, "value"), []string{"file-transfer", string(g), "task", string(w.Alice)}; !cmp.Equal(got, want) {
		t.Fatalf("chat list = %v, want %v", got, want)
	}
	group, inbox, direct := rows[1], rows[2], rows[3]
	want := map[string]any{
		"type": 2.0, "value": string(g), "id": resttest.MessageID(mention), "name": "Demo group", "logo": "", "msg": map[string]any{"con": "@Bob Demo look"},
		"msg_type": 1.0, "time": group["time"], "ts": group["ts"], "from": map[string]any{"id": string(w.Alice), "name": "Alice Demo", "avatar": ""},
		"count": 1.0, "isPush": true, "isPost": true, "atlist": []any{resttest.MessageID(mention)},
		"at_msg":   map[string]any{"msgid": resttest.MessageID(mention), "from": string(w.Alice), "time": group["time"], "ts": group["ts"]},
		"top_info": map[string]any{"isTop": false, "time": ""}, "isContact": true,
	}
	if diff := cmp.Diff(group, want); diff != "" {
		t.Errorf("row of the group, got - want +:\n%s", diff)
	}
	if inbox["type"] != 6.0 || inbox["count"] != 1.0 || inbox["isSilent"] != false || inbox["msg"].(map[string]any)["con"] != "commented" {
		t.Errorf("row of the inbox = %v", inbox)
	}
	if direct["type"] != 1.0 || direct["count"] != 2.0 || direct["isContact"] != true || direct["name"] != "Alice Demo" {
		t.Errorf("row of the direct chat = %v", direct)
	}

	var paged []string
	for page := 1; ; page++ {
		rows := w.Read(token, "/chat_list", "pageIndex", fmt.Sprint(page), "pageSize", "3")
		if len(rows) == 0 {
			break
		}
		paged = append(paged, column(rows, "value")...)
	}
	if want := column(rows, "value"); !cmp.Equal(paged, want) {
		t.Errorf("paged list = %v, want %v", paged, want)
	}
	if a := w.Do("GET", "/chat_list", nil, resttest.As(w.Token(w.Mallory))); string(a.Body) != "[]\n" {
		t.Errorf("empty list = %q, want a bare empty array", a.Body)
	}
}

func TestHistoryIsForThoseInTheChat(t *testing.T) {
	w := resttest.New(t)
	carol := w.Contact("Carol Demo")
	g := w.Group()
	direct := w.Say(w.Alice, w.Bob, "private")
	before := w.SayIn(g, w.Alice, "before")
	_, err := w.Service.AddGroupMembers(t.Context(), chat.Actor{}, g, []chat.AccountID{carol})
	w.OK(err)
	w.OK(w.Service.RemoveGroupMember(t.Context(), chat.Actor{}, g, carol))
	after := w.SayIn(g, w.Alice, "after")

	stranger := w.Token(w.Mallory)
	for _, c := range []struct {
		path   string
		status int
		text   string
	}{
		{"/group_messages?groupid=" + string(g), 403, "not in group"},
		{"/group_messages?groupid=none", 404, "group not found"},
		{"/messages_byid?msgid=" + resttest.MessageID(direct), 404, "message not found"},
		{"/messages?accountid=" + string(w.Alice), 200, ""},
		{"/messages?accountid=none", 200, ""},
		{"/messages?keyword=private&accountid=" + string(w.Alice), 200, ""},
		{"/messages?direction=1&sinceid=1&accountid=" + string(w.Alice), 200, ""},
		{"/messages_byid?msgid=" + resttest.MessageID(direct) + "&accountid=" + string(w.Alice), 200, ""},
		{"/user_files_byid?msgid=" + resttest.MessageID(direct) + "&accountid=" + string(w.Alice), 200, ""},
		{"/user_files_byid?type=2&msgid=" + resttest.MessageID(direct) + "&accountid=" + string(w.Alice), 200, ""},
		{"/user_files_byid?msgid=" + resttest.MessageID(direct), 404, "message not found"},
		{"/group_messages_byid?msgid=" + resttest.MessageID(before), 404, "message not found"},
		{"/group_messages_byid?msgid=" + resttest.MessageID(before) + "&groupid=" + string(g), 403, "not in group"},
		{"/group_files_byid?msgid=" + resttest.MessageID(before) + "&groupid=" + string(g), 403, "not in group"},
	} {
		a := w.Do("GET", c.path, nil, resttest.As(stranger))
		if resttest.Contains(a.Body, "private") || resttest.Contains(a.Body, "before") {
			t.Errorf("GET %s = %s: a stranger reads it", c.path, a.Body)
		}
		if a.Status == 200 {
			if rows := w.List(a, 200); len(rows) != 0 {
				t.Errorf("GET %s = %s, want nothing for a stranger", c.path, a.Body)
			}
			continue
		}
		if p := w.Refused(a, c.status, c.text); p["error"] != c.text {
			t.Errorf("GET %s: error = %v, want %q", c.path, p["error"], c.text)
		}
	}
	// With whom one has no chat there is nothing to read, whoever it is.
	for _, id := range []string{string(w.Alice), "nobody"} {
		a := w.Do("GET", "/messages?accountid="+id, nil, resttest.As(stranger))
		if b := w.Do("GET", "/messages?accountid="+"nobody", nil, resttest.As(stranger)); a.Status != b.Status || string(a.Body) != string(b.Body) {
			t.Errorf("messages with %s = %d %s, and with nobody %d %s: existence shows", id, a.Status, a.Body, b.Status, b.Body)
		}
	}

	// A former member reads the messages from before leaving.
	former := w.Token(carol)
	rows := w.Read(former, "/group_messages", "groupid", string(g))
	if got := resttest.Texts(rows); slices.Contains(got, "after") || !slices.Contains(got, "before") {
		t.Errorf("former member reads %v, want what was said until they left", got)
	}
	w.Refused(w.Do("GET", "/group_messages_byid?msgid="+resttest.MessageID(after), nil, resttest.As(former)), 404, "message not found")
	if got := resttest.Texts(w.Read(former, "/group_messages", "groupid", string(g), "keyword", "after")); len(got) != 0 {
		t.Errorf("former member finds %v, want nothing", got)
	}
}

func TestHistoryParameters(t *testing.T) {
	w := resttest.New(t)
	for i := range 505 {
		w.Say(w.Alice, w.Bob, fmt.Sprint(i))
	}
	token := w.Token(w.Bob)
	with := "accountid=" + string(w.Alice)
	for _, c := range []struct{ path, field string }{
		{"/messages", "accountid"},
		{"/messages?accountid=", "accountid"},
		{"/group_messages", "groupid"},
		{"/messages_byid", "msgid"},
		{"/messages_byid?msgid=0", "msgid"},
		{"/messages_byid?msgid=-3", "msgid"},
		{"/messages_byid?msgid=abc", "msgid"},
		{"/messages_byid?msgid=9007199254740992", "msgid"},
		{"/user_files_byid?msgid=1&type=3", "type"},
		{"/messages?num=0&" + with, "num"},
		{"/messages?num=-1&" + with, "num"},
		{"/messages?num=some&" + with, "num"},
		{"/messages?page=0&" + with, "page"},
		{"/messages?direction=2&" + with, "direction"},
		{"/messages?sinceid=x&" + with, "sinceid"},
		{"/messages?sincetime=yesterday&" + with, "sincetime"},
		{"/messages?sincetime=2026-13-01+00:00:00.000&" + with, "sincetime"},
		{"/messages?keyword=" + strings.Repeat("x", 201) + "&" + with, "keyword"},
		{"/messages?accountid=" + strings.Repeat("x", 129), "accountid"},
		{"/chat_list?pageIndex=0", "pageIndex"},
		{"/chat_list?pageSize=0", "pageSize"},
	} {
		a := w.Do("GET", c.path, nil, resttest.As(token))
		p := w.Want(a, 422)
		w.Names(p, "query."+c.field)
		if text := fmt.Sprint(p["error"]); !strings.HasPrefix(text, "invalid payload: "+c.field+" ") {
			t.Errorf("GET %s: error = %q, want it to name %s", c.path, text, c.field)
		}
	}
	// Empty and unknown parameters are none, and more than there may be is cut.
	if got := len(w.Read(token, "/messages", "accountid", string(w.Alice), "num", "", "direction", "", "sincetime", "", "_", "1700000000")); got != 20 {
		t.Errorf("rows = %d, want 20", got)
	}
	if got := len(w.Read(token, "/messages", "accountid", string(w.Alice), "num", "300")); got != 300 {
		t.Errorf("rows = %d, want 300", got)
	}
	if got := len(w.Read(token, "/messages", "accountid", string(w.Alice), "num", "100000")); got != 500 {
		t.Errorf("rows = %d, want 500", got)
	}
}

func TestHistoryRate(t *testing.T) {
	w := resttest.New(t, func(o *rest.Options) { o.HistoryRate, o.HistoryBurst = 1e-9, 2 })
	alice, bob := w.Token(w.Alice), w.Token(w.Bob)
	for range 2 {
		w.List(w.Do("GET", "/chat_list", nil, resttest.As(alice)), 200)
	}
	a := w.Do("GET", "/chat_list", nil, resttest.As(alice))
	if p := w.Refused(a, 429, "too many requests"); p["error"] != "too many requests" || a.Header.Get("Retry-After") == "" {
		t.Errorf("answer = %v %s, want the contract's text and Retry-After", a.Header, a.Body)
	}
	// Nobody pays for somebody else.
	w.List(w.Do("GET", "/chat_list", nil, resttest.As(bob)), 200)
}

func TestHistoryBasePath(t *testing.T) {
	w := resttest.New(t, func(o *rest.Options) { o.History.BasePath = "/chat/api/" })
	w.List(w.Do("GET", "/chat/api/chat_list", nil, resttest.As(w.Token(w.Alice))), 200)
	w.Refused(w.Do("GET", "/chat_list", nil, resttest.As(w.Token(w.Alice))), 404, "there is nothing at this address")
}

func TestHistoryCORS(t *testing.T) {
	w := resttest.New(t, func(o *rest.Options) {
		o.AllowedOrigins = []string{"https://chat.example.test", "https://*.apps.example.test", "https://shop-*.example.test"}
	})
	token := w.Token(w.Alice)
	// The last ones once were judged in another way than by the sockets.
	for origin, allowed := range map[string]bool{
		"https://chat.example.test":      true,
		"https://one.apps.example.test":  true,
		"https://apps.example.test":      false,
		"http://one.apps.example.test":   false,
		"http://chat.example.test":       false,
		"https://chat.example.test.evil": false,
		"https://evil-apps.example.test": false,
		"null":                           false,
		w.URL:                            true,
		"https://shop-7.example.test":    true,
		"https://.apps.example.test":     false,
	} {
		want := ""
		if allowed {
			want = origin
		}
		preflight := w.Do("OPTIONS", "/messages", nil, resttest.Header("Origin", origin), resttest.Header("Access-Control-Request-Method", "GET"),
			resttest.Header("Access-Control-Request-Headers", "authorization"))
		if preflight.Status != 204 || preflight.Header.Get("Access-Control-Allow-Origin") != want {
			t.Errorf("preflight of %s = %d %v", origin, preflight.Status, preflight.Header)
		}
		if got := preflight.Header.Get("Access-Control-Allow-Headers"); allowed != strings.Contains(got, "Authorization") {
			t.Errorf("preflight of %s allows headers %q", origin, got)
		}
		for _, token := range []string{token, "nonsense"} {
			a := w.Do("GET", "/chat_list", nil, resttest.As(token), resttest.Header("Origin", origin))
			if got := a.Header.Get("Access-Control-Allow-Origin"); got != want {
				t.Errorf("answer to %s allows %q, want %q", origin, got, want)
			}
			if a.Header.Get("Vary") != "Origin" {
				t.Errorf("Vary = %q, want Origin", a.Header.Get("Vary"))
			}
		}
	}
}
