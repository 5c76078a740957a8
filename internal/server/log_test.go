package server

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"parley/internal/config"
)

func TestNewLogger(t *testing.T) {
	for _, c := range []struct {
		config config.Log
		json   bool
	}{
		{config.Log{Format: "auto", Level: "info"}, true}, // a buffer is no terminal
		{config.Log{Format: "json", Level: "info"}, true},
		{config.Log{Format: "text", Level: "info"}, false},
	} {
		var out bytes.Buffer
		log := NewLogger(&out, c.config)
		log.Debug("not this")
		log.Info("hello", "who", "one")
		if strings.Contains(out.String(), "not this") || !strings.Contains(out.String(), "hello") {
			t.Errorf("%+v: got %s", c.config, &out)
		}
		if json.Valid(out.Bytes()) != c.json {
			t.Errorf("%+v: got %s, want JSON: %v", c.config, &out, c.json)
		}
	}
	var out bytes.Buffer
	NewLogger(&out, config.Log{Format: "text", Level: "debug"}).Debug("this")
	if !strings.Contains(out.String(), "this") {
		t.Errorf("got %q, want the debug line", &out)
	}
}
