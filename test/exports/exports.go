// Package exports makes exports of other systems with invented people, for tests and to try an import with. Everything
// in them says that it is demo data.
package exports

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Start is the time of the first message.
var Start = time.Date(2024, 3, 4, 9, 0, 0, 0, time.UTC)

// object is a JSON object.
type object = map[string]any

// Picture is a small PNG.
func Picture() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 8, 6))
	for x := range 8 {
		for y := range 6 {
			m.Set(x, y, color.RGBA{uint8(30 * x), uint8(40 * y), 120, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err) // a picture in memory
	}
	return b.Bytes()
}

// packed writes files into a zip file.
func packed(name string, files map[string][]byte, order []string) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	z := zip.NewWriter(f)
	for _, name := range order {
		w, err := z.Create(name)
		if err != nil {
			return err
		}
		if _, err := w.Write(files[name]); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}

func ts(at time.Time, micro int) string { return fmt.Sprintf("%d.%06d", at.Unix(), micro) }

// Slack writes a Slack export as a zip file, with a number of further days on which Ada and Bo write 20 messages each, and
// a folder with one of its files and pictures of two people.
func Slack(name, uploads string, days int) error {
	file := func(id, title string) object {
		return object{
			"id": id, "name": title, "size": 100, "mode": "hosted", "permalink": "https://demo.slack.example.test/files/" + id + "/" + title,
			"url_private_download": "https://demo.slack.example.test/download/" + id,
		}
	}
	user := func(id, name, email string, more object) object {
		u := object{
			"id": id, "team_id": "TDEMO", "name": strings.ToLower(strings.Fields(name)[0]), "real_name": name, "tz": "Europe/Berlin",
			"profile": object{"real_name": name, "email": email, "title": "Demo person", "phone": ""},
		}
		for key, value := range more {
			u[key] = value
		}
		return u
	}
	face := func(u object, name string) object {
		u["profile"].(object)["is_custom_image"] = true
		u["profile"].(object)["image_original"] = "https://avatars.slack.example.test/2024-03-04/" + name
		return u
	}
	message := func(user string, after time.Duration, text string, more object) object {
		m := object{"type": "message", "user": user, "ts": ts(Start.Add(after), 200), "text": text}
		for key, value := range more {
			m[key] = value
		}
		return m
	}
	day := func(n int) string { return Start.AddDate(0, 0, n).Format("2006-01-02") + ".json" }
	created := Start.AddDate(0, -1, 0).Unix()
	lists := map[string]any{
		"users.json": []object{
			face(user("UADA", "Ada Example", "ada@example.test", nil), "12_demo_original.png"),
			face(user("UBO", "Bo Example", "bo@example.test", nil), "34_demo_original.png"), // which is missing
			user("UCY", "Cy Guest", "cy@example.test", object{"is_restricted": true}),
			user("UDI", "Di Gone", "di@example.test", object{"deleted": true}),
			user("USLACKBOT", "Slackbot", "", nil),
		},
		"channels.json": []object{
			{
				"id": "CGENERAL", "name": "demo-general", "created": created, "creator": "UADA", "is_archived": false, "members": []string{"UADA", "UBO", "UCY"},
				"topic": object{"value": "Demo data &amp; nothing else"}, "purpose": object{"value": ""},
			},
			{
				"id": "COLD", "name": "demo-old", "created": created, "creator": "UDI", "is_archived": true, "members": []string{"UADA", "UBO"},
				"topic": object{"value": ""}, "purpose": object{"value": ""},
			},
		},
		"groups.json": []object{{"id": "GSECRET", "name": "demo-secret", "created": created, "creator": "UBO", "is_archived": false, "members": []string{"UBO", "UADA"}}},
		"mpims.json":  []object{{"id": "GMANY", "name": "mpdm-ada--bo--cy-1", "created": created, "creator": "UADA", "members": []string{"UADA", "UBO", "UCY"}}},
		"dms.json":    []object{{"id": "DADABO", "created": created, "members": []string{"UADA", "UBO"}}, {"id": "DADA", "created": created, "members": []string{"UADA"}}},
		"demo-general/" + day(0): []object{
			message("UADA", 0, "<@UADA> has joined the channel", object{"subtype": "channel_join"}),
			message("UADA", time.Second, "Demo: hello <@UBO>, see <https://example.test/demo|the page> and <#COLD|demo-old> &lt;!&gt;", object{
				"thread_ts": ts(Start.Add(time.Second), 200), "reactions": []object{{"name": "tada", "count": 2, "users": []string{"UBO", "UCY"}}},
			}),
			message("UBO", 2*time.Second, "Demo: an answer in the thread", object{"thread_ts": ts(Start.Add(time.Second), 200), "edited": object{"user": "UBO", "ts": "1"}}),
			message("UCY", 3*time.Second, "Demo: a picture", object{"files": []object{file("FPICTURE", "demo.png")}, "upload": true}),
			message("UBO", 4*time.Second, "", object{"files": []object{file("FLINK", "demo.pdf"), {"id": "FGONE", "name": "gone.txt", "mode": "tombstone"}}}),
			message("UOUT", 5*time.Second, "Demo: from another workspace", object{"user_profile": object{"real_name": "Ed Elsewhere"}}),
			{"type": "message", "subtype": "bot_message", "bot_id": "BDEMO", "username": "Demo bot", "ts": ts(Start.Add(6*time.Second), 0), "text": "", "attachments": []object{{"title": "Demo: build", "text": "passed"}}},
			message("UDI", 7*time.Second, "Demo: bye <!channel>", nil),
		},
		"demo-old/" + day(0):           []object{message("UDI", time.Minute, "Demo: the first one in the old channel", nil)},
		"demo-secret/" + day(1):        []object{message("UBO", 25*time.Hour, "Demo: a secret plan", nil)},
		"mpdm-ada--bo--cy-1/" + day(1): []object{message("UCY", 26*time.Hour, "Demo: the three of us", nil)},
		"DADABO/" + day(1):             []object{message("UADA", 27*time.Hour, "Demo: only you and me", nil), message("UBO", 28*time.Hour, "Demo: yes", nil)},
		"DADA/" + day(1):               []object{message("UADA", 29*time.Hour, "Demo: a note to myself", nil)},
	}
	for n := range days {
		var all []object
		for i := range 20 {
			at := time.Duration(n+2)*24*time.Hour + time.Duration(i)*time.Minute
			all = append(all, message("UADA", at, fmt.Sprintf("Demo: day %d, message %d of Ada", n, i), nil), message("UBO", at+time.Second, fmt.Sprintf("Demo: day %d, message %d of Bo", n, i), nil))
		}
		lists["demo-general/"+day(n+2)] = all
	}
	files := map[string][]byte{}
	for name, list := range lists {
		text, err := json.Marshal(list)
		if err != nil {
			return err
		}
		files[name] = text
	}
	if uploads != "" {
		if err := os.MkdirAll(filepath.Join(uploads, "FPICTURE"), 0o700); err != nil {
			return err
		}
		// A file of a message, and the pictures of Ada and Cy: by the address, and by the id.
		for _, name := range []string{filepath.Join("FPICTURE", "demo.png"), "12_demo_original.png", "UCY.png"} {
			if err := os.WriteFile(filepath.Join(uploads, name), Picture(), 0o600); err != nil {
				return err
			}
		}
	}
	return packed(name, files, sorted(files))
}

func sorted(files map[string][]byte) (all []string) {
	for name := range files {
		all = append(all, name)
	}
	// In no useful order, as exports are.
	return all
}

// Mattermost writes a bulk export of Mattermost as a zip file, with a number of further days on which Ada and Bo write
// 20 posts each.
func Mattermost(name string, days int) error {
	at := func(after time.Duration) int64 { return Start.Add(after).UnixMilli() }
	user := func(name, first, last, roles string, channels ...string) object {
		var in []object
		for _, c := range channels {
			role := "channel_user"
			if name == "ada" {
				role = "channel_user channel_admin"
			}
			in = append(in, object{"name": c, "roles": role})
		}
		return object{"type": "user", "user": object{
			"username": name, "email": name + "@example.test", "first_name": first, "last_name": last, "position": "Demo person", "roles": roles, "locale": "en",
			"profile_image": "profile_pictures/" + name + ".png", // only that of Ada is there
			"teams":         []object{{"name": "demo", "roles": "team_user", "channels": in}},
		}}
	}
	post := func(channel, user, text string, after time.Duration, more object) object {
		p := object{"team": "demo", "channel": channel, "user": user, "type": "", "message": text, "create_at": at(after)}
		for key, value := range more {
			p[key] = value
		}
		return object{"type": "post", "post": p}
	}
	direct := func(user, text string, after time.Duration, members ...string) object {
		return object{"type": "direct_post", "direct_post": object{"channel_members": members, "user": user, "message": text, "create_at": at(after)}}
	}
	lines := []object{
		{"type": "version", "version": 1, "info": object{"generator": "demo data"}},
		{"type": "team", "team": object{"name": "demo", "display_name": "Demo team", "type": "O"}},
		{"type": "channel", "channel": object{"team": "demo", "name": "town", "display_name": "Demo town", "type": "O", "header": "Demo data", "purpose": ""}},
		{"type": "channel", "channel": object{"team": "demo", "name": "hidden", "display_name": "Demo hidden", "type": "P", "header": "", "purpose": "", "deleted_at": at(0)}},
		user("ada", "Ada", "Example", "system_user system_admin", "town", "hidden"),
		user("bo", "Bo", "Example", "system_user", "town"),
		user("cy", "Cy", "Guest", "system_guest", "town"),
		{"type": "user", "user": object{"username": "di", "email": "di@example.test", "nickname": "Di Gone", "roles": "system_user", "delete_at": at(0)}},
		{"type": "emoji", "emoji": object{"name": "demo"}},
		// Later posts first: an export is not in the order of the times.
		post("town", "bo", "Demo: the second post", 2*time.Hour, object{"attachments": []object{{"path": "20240304/demo.png"}, {"path": "20240304/lost.txt"}}}),
		post("town", "ada", "Demo: the first post, with an answer", time.Hour, object{
			"edit_at": at(90 * time.Minute), "reactions": []object{{"user": "bo", "emoji_name": "tada", "create_at": at(0)}},
			"replies": []object{
				{"user": "bo", "message": "Demo: an answer", "create_at": at(3 * time.Hour)},
				{"user": "di", "message": "Demo: another answer", "create_at": at(3 * time.Hour)},
			},
		}),
		post("town", "ada", "ada joined the channel", 0, object{"type": "system_join_channel"}),
		post("hidden", "ada", "Demo: nobody else is here", 4*time.Hour, nil),
		post("hidden", "ada", "Demo: in the same millisecond", 4*time.Hour, nil),
		{"type": "direct_channel", "direct_channel": object{"members": []string{"ada", "bo"}}},
		{"type": "direct_channel", "direct_channel": object{"members": []string{"ada", "bo", "cy"}, "header": "Demo: three"}},
		direct("bo", "Demo: only you and me", 5*time.Hour, "bo", "ada"),
		direct("cy", "Demo: the three of us", 6*time.Hour, "ada", "cy", "bo"),
		direct("ada", "Demo: a note to myself", 7*time.Hour, "ada"),
	}
	for n := range days {
		for i := range 20 {
			after := time.Duration(n+1)*24*time.Hour + time.Duration(i)*time.Minute
			lines = append(lines, post("town", "ada", fmt.Sprintf("Demo: day %d, post %d of Ada", n, i), after, nil), post("town", "bo", fmt.Sprintf("Demo: day %d, post %d of Bo", n, i), after+time.Second, nil))
		}
	}
	var b bytes.Buffer
	for _, l := range lines {
		text, err := json.Marshal(l)
		if err != nil {
			return err
		}
		b.Write(append(text, '\n'))
	}
	files := map[string][]byte{"import.jsonl": b.Bytes(), "data/20240304/demo.png": Picture(), "data/profile_pictures/ada.png": Picture()}
	return packed(name, files, sorted(files))
}
