package script

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the transcripts into docs/protocol")

// A page shows a transcript between <!-- transcript NAME --> and <!-- end -->.
var shown = regexp.MustCompile(`(?s)<!-- transcript ([a-z-]+) -->.*?<!-- end -->`)

// TestDocsShowTheTranscripts proves that the examples of the protocol's
// documentation are the transcripts that TestTranscripts plays, and that none of
// them is missing there. With -update it writes them.
func TestDocsShowTheTranscripts(t *testing.T) {
	pages, err := filepath.Glob("../../docs/protocol/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	missing := transcripts(t)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		want := shown.ReplaceAllStringFunc(string(text), func(block string) string {
			name := shown.FindStringSubmatch(block)[1]
			delete(missing, name)
			source, err := os.ReadFile("transcripts/" + name + ".txt")
			if err != nil {
				t.Fatalf("%s: %v", page, err)
			}
			return "<!-- transcript " + name + " -->\n```\n" + strings.TrimSpace(string(source)) + "\n```\n<!-- end -->"
		})
		if want == string(text) {
			continue
		}
		if !*update {
			t.Errorf("%s does not show the transcripts as they are: run make generate", page)
			continue
		}
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name := range missing {
		t.Errorf("no page of docs/protocol shows the transcript %s", name)
	}
}
