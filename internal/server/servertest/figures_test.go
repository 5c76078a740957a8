package servertest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"parley/internal/config"
)

// The memory limit was logged in the largest unit that divides it, which for three quarters of a machine's memory is KiB.
func TestMemoryIsLoggedInMiB(t *testing.T) {
	s := Start(t, func(c *config.Config) { c.Memory.Limit = 3<<30 + 1<<10 })
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.Log(), "limit_mib=3072 images_mib=512") {
		t.Errorf("the log does not tell the memory limit in MiB:\n%s", s.Log())
	}
}

// The operator's page has every figure that the server offers, and no other.
func TestFiguresAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../../docs/operations/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.NewReplacer("`…_", "`parley_connections_").Replace(string(text))
	s := Start(t, func(c *config.Config) {
		c.Metrics.Listen = "127.0.0.1:0"
		c.Cluster.Listen, c.Cluster.Secret = "127.0.0.1:0", "0123456789abcdef"
	})
	s.Connect(4, "websocket", s.Accounts[0].Token)
	// These have no value before the first connection has ended, before the files were counted, before the state of the
	// retention was read, and without TLS.
	offered := map[string]bool{
		"parley_retention_running": true, "parley_retention_last_success_seconds": true,
		"parley_connections_closed_total": true, "parley_files": true, "parley_file_bytes": true, "parley_certificate_expiry_seconds": true,
	}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (parley_\w+)`).FindAllStringSubmatch(scrape(t, s), -1) {
		offered[found[1]] = true
		if !regexp.MustCompile("`" + found[1] + "[`{]").MatchString(page) {
			t.Errorf("docs/operations/monitoring.md does not tell %s", found[1])
		}
	}
	if len(offered) < 20 {
		t.Fatalf("got %d figures, want all", len(offered))
	}
	for _, told := range regexp.MustCompile("`(parley_\\w+)").FindAllStringSubmatch(page, -1) {
		if !offered[told[1]] && !ofNodes.MatchString(told[1]) {
			t.Errorf("docs/operations/monitoring.md tells %s, which there is not", told[1])
		}
	}
}

// ofNodes are the figures of one node of several; see TestNodes.
var ofNodes = regexp.MustCompile(`^parley_(bus|outbox|node)_`)

func figuresOfNodesAreDocumented(t *testing.T, s *Server) {
	t.Helper()
	text, err := os.ReadFile("../../../docs/operations/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (parley_\w+)`).FindAllStringSubmatch(scrape(t, s), -1) {
		count[found[1]]++
	}
	for _, told := range regexp.MustCompile("`(parley_\\w+)").FindAllStringSubmatch(string(text), -1) {
		count[told[1]]++
	}
	for name, n := range count {
		if ofNodes.MatchString(name) && n != 2 {
			t.Errorf("%s is not both offered and told in docs/operations/monitoring.md", name)
		}
	}
}
