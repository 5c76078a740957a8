package origin_test

import (
	"testing"

	"parley/engineio/origin"
)

func TestPolicy(t *testing.T) {
	const host = "chat.example.test"
	tests := []struct {
		allowed []string
		origin  string
		want    bool
	}{
		{nil, "http://chat.example.test", true},
		{nil, "https://CHAT.example.test:443", true},
		{nil, "https://chat.example.test:8443", false},
		{nil, "https://chat.example.test.evil.test", false},
		{nil, "null", false},
		{nil, "", false},
		{[]string{"*"}, "null", true},
		{[]string{"https://other.test"}, "http://chat.example.test", true},
		{[]string{"https://Other.test/"}, "https://other.test", true},
		{[]string{"https://other.test"}, "http://other.test", false},
		{[]string{"https://other.test"}, "https://other.test:8443", false},
		{[]string{"https://*.other.test"}, "https://a.B.other.test", true},
		{[]string{"https://*.other.test"}, "https://other.test", false},
		{[]string{"https://*.other.test"}, "https://.other.test", false},
		{[]string{"https://*.other.test"}, "https://evil.test/.other.test", false},
		{[]string{"https://*.other.test"}, "https://evil.test:1@x.other.test", false},
		{[]string{"https://shop-*.other.test"}, "https://shop-7.other.test", true},
		{[]string{"https://shop-*.other.test"}, "https://7.other.test", false},
	}
	for _, tt := range tests {
		p := origin.New(tt.allowed)
		if got := p.Allows(tt.origin, host); got != tt.want {
			t.Errorf("%v: %q: got %t, want %t", tt.allowed, tt.origin, got, tt.want)
		}
	}
	var own origin.Policy
	if !own.Allows("https://chat.example.test", host) || own.Allows("https://other.test", host) || own.Any() {
		t.Error("the zero policy does not allow just the own host")
	}
}
