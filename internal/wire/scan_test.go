package wire

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"
)

// FuzzScan compares the reader with encoding/json: what one takes for JSON, the
// other does, and strings mean the same.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`null`, `[1,2.5e-3,{"a":"\u00e9\ud83d\ude00\ud800"}]`, `"\ud800\u0041"`, `-0`, `01`, `1.`, `{"a":}`, `"\ud83d\u00"`, ` true `, "\"\u2028\x7f\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !utf8.Valid(data) {
			return
		}
		s := scanner{data: data}
		err := s.skip(1)
		if errors.Is(err, errDepth) {
			return
		}
		got := err == nil && s.end()
		if want := json.Valid(data); got != want {
			t.Fatalf("got valid %t, want %t", got, want)
		}
		s = scanner{data: data}
		if k, err := s.kind(); err != nil || k != kindString || !got {
			return
		}
		text, err := s.str()
		if err != nil {
			t.Fatal(err)
		}
		var want string
		if err := json.Unmarshal(data, &want); err != nil || text != want {
			t.Errorf("got %q, want %q (%v)", text, want, err)
		}
	})
}
