package gateway

import (
	"testing"

	"parley/internal/wire"
)

func TestEveryRequestHasAHandler(t *testing.T) {
	handled := map[string]bool{}
	for _, r := range requests {
		if handled[r.name] {
			t.Errorf("%s: handled twice", r.name)
		}
		handled[r.name] = true
	}
	for _, r := range wire.Requests {
		if !handled[r.Name] {
			t.Errorf("%s: not handled", r.Name)
		}
		delete(handled, r.Name)
	}
	for name := range handled {
		t.Errorf("%s: handled, but not in the contract", name)
	}
}
