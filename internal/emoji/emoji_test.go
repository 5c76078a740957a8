package emoji

import "testing"

func TestNormal(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"👍", "👍"},
		{"👍🏽", "👍🏽"},
		{"❤", "❤️"},
		{"❤️", "❤️"},
		{"👩‍❤️‍👨", "👩‍❤️‍👨"},
		{"👩‍❤‍👨", "👩‍❤️‍👨"},
		{"👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"},
		{"🇨🇳", "🇨🇳"},
		{"#⃣", "#️⃣"},
		{"☺\ufe0f", "☺️"},
		{"🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F", "🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F"},
	} {
		if got, ok := Normal(c.text); !ok || got != c.want {
			t.Errorf("%q: got %q, %t, want %q", c.text, got, ok, c.want)
		}
	}
	for _, text := range []string{"", "a", "1", "👍👍", "👍 ", " 👍", "👍a", "🏽", "\ufe0f", "🇨", "👍\u200d", "[smile]", "赞"} {
		if got, ok := Normal(text); ok {
			t.Errorf("%q: got the emoji %q, want none", text, got)
		}
	}
}
