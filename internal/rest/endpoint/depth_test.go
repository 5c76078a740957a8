package endpoint

import (
	"bytes"
	"encoding/json"
	"testing"
)

func FuzzDepth(f *testing.F) {
	for _, s := range []string{`{}`, `[[1,{"a":[]}],"]["]`, `{"a\"[":"\\"}`, `"[[["`, `5`, `]`, `"\`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got := depth(data)
		if !json.Valid(data) {
			return // it must only end
		}
		if want := slowDepth(t, data); got != want {
			t.Errorf("depth(%q) = %d, want %d", data, got, want)
		}
	})
}

// slowDepth counts what a real parser finds.
func slowDepth(t *testing.T, data []byte) int {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	deepest, now := 0, 0
	for {
		token, err := d.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			now++
			deepest = max(deepest, now)
		case json.Delim('}'), json.Delim(']'):
			now--
		}
	}
}
