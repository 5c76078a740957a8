package client

import (
	"strings"
	"unicode/utf8"
)

// deviceName converts a User-Agent into a name that a person recognizes in a list: the
// browser and its system. The first match counts, because browsers also name other browsers
// with which they are compatible.
func deviceName(agent string) string {
	browser := firstIn(agent, [][2]string{
		{"MicroMessenger/", "WeChat"},
		{"DingTalk/", "DingTalk"},
		{"Lark/", "Lark"},
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chromium/", "Chromium"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	})
	system := firstIn(agent, [][2]string{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"Windows", "Windows"},
		{"Macintosh", "Mac"},
		{"CrOS", "ChromeOS"},
		{"Linux", "Linux"},
	})
	switch {
	case browser != "" && system != "":
		return browser + ", " + system
	case browser != "":
		return browser
	case system != "":
		return system
	}
	// A program: only its name, without the rest.
	name, _, _ := strings.Cut(agent, " ")
	if len(name) > 64 || !utf8.ValidString(name) || strings.IndexByte(name, 0) >= 0 {
		return ""
	}
	return name
}

func firstIn(text string, signs [][2]string) string {
	for _, s := range signs {
		if strings.Contains(text, s[0]) {
			return s[1]
		}
	}
	return ""
}
