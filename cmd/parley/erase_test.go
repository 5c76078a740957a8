package main

import (
	"encoding/json"
	"testing"
)

// Without --yes, erase --json prints the data that would be erased, as JSON.
func TestEraseAsksInJSON(t *testing.T) {
	folder := t.TempDir()
	p, d := startDemo(t, "--bare", "--data", folder)
	p.stop(t)
	o := command(t, "", "erase", d.Accounts[0].ID, "--json", "--data", folder)
	var got struct {
		Account string
		Erased  *bool
	}
	if err := json.Unmarshal([]byte(o.out), &got); err != nil || o.status != 1 || got.Account != d.Accounts[0].ID || got.Erased == nil || *got.Erased {
		t.Errorf("got %+v, %v", o, err)
	}
}
