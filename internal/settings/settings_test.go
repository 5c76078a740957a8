package settings_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/settings"
)

// A stored value is not in force if it is invalid in this version or if the operator has given the option.
func TestApply(t *testing.T) {
	c := config.Default()
	c.Name, c.Sources = "Given", map[string]config.Source{"name": config.SourceFile}
	l := settings.New(c, nil)
	stored := []chat.Setting{
		{Name: "auth.hidden", Value: "code,gone"},
		{Name: "chat.max-text", Value: "many"},
		{Name: "chat.max-top", Value: "7"},
		{Name: "listen", Value: "0.0.0.0:80"},
		{Name: "name", Value: "Stored"},
		{Name: "of.a-later-version", Value: "1"},
		{Name: "time-zone", Value: "Asia/Shanghai"},
	}
	got := l.Apply(stored)
	want := settings.Of(&c)
	want.Hidden, want.MaxTop, want.TimeZone = []string{"code"}, 7, "Asia/Shanghai"
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if now := l.Config(); now.Chat.MaxTop != 7 || now.Listen != c.Listen || now.Name != "Given" {
		t.Errorf("in force: %+v", now)
	}
	if got := l.Zone().String(); got != "Asia/Shanghai" {
		t.Errorf("zone = %s", got)
	}
	sources := map[string]string{}
	for _, o := range l.Options(stored) {
		if o.Source != chat.SourceDefault {
			sources[o.Name] = o.Source + " " + o.Value
		}
	}
	if diff := cmp.Diff(sources, map[string]string{
		"auth.hidden": "database code", "chat.max-top": "database 7", "name": "file Given", "time-zone": "database Asia/Shanghai",
	}); diff != "" {
		t.Errorf("sources (-got +want):\n%s", diff)
	}
	if got := l.Apply(nil); got.MaxTop != c.Chat.MaxTop || l.Config().Chat.MaxTop != c.Chat.MaxTop {
		t.Error("without stored settings the configuration is not in force")
	}
}

// Requests read a setting often.
func TestReadingAllocatesNothing(t *testing.T) {
	l := settings.New(config.Default(), nil)
	if n := testing.AllocsPerRun(100, func() { _, _ = l.Config().Rate.Send, l.Zone() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
