package servertest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"parley/internal/config"
)

// The operator's page has every figure that the server offers, and no other.
func TestFiguresAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.NewReplacer("`…_", "`parley_connections_").Replace(string(text))
	s := Start(t, func(c *config.Config) { c.Metrics.Listen = "127.0.0.1:0" })
	s.Connect(4, "websocket", s.Accounts[0].Token)
	// This one has no value before the first connection has ended.
	offered := map[string]bool{"parley_connections_closed_total": true}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (parley_\w+)`).FindAllStringSubmatch(scrape(t, s), -1) {
		offered[found[1]] = true
		if !regexp.MustCompile("`" + found[1] + "[`{]").MatchString(page) {
			t.Errorf("docs/operations.md does not tell %s", found[1])
		}
	}
	if len(offered) < 20 {
		t.Fatalf("got %d figures, want all", len(offered))
	}
	for _, told := range regexp.MustCompile("`(parley_\\w+)").FindAllStringSubmatch(page, -1) {
		if !offered[told[1]] {
			t.Errorf("docs/operations.md tells %s, which there is not", told[1])
		}
	}
}
