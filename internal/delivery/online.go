package delivery

import (
	"maps"
	"slices"

	"parley/internal/chat"
)

// turned has the accounts that have come online or gone offline since the last call of [Hub.TakeTurned], and whether they are online.
// nil: nobody asks. It needs the hub's lock.
type turned map[chat.AccountID]bool

func (t turned) note(a chat.AccountID, online bool) {
	if t != nil {
		t[a] = online
	}
}

// Online returns those of the accounts that have a socket on this node.
func (h *Hub) Online(accounts []chat.AccountID) map[chat.AccountID]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	online := make(map[chat.AccountID]bool)
	for _, id := range accounts {
		if a := h.accounts[id]; a != nil && len(a.clients) > 0 {
			online[id] = true
		}
	}
	return online
}

// TurnAll lets the next call of [Hub.TakeTurned] return all accounts that are online. Before the first call nothing is noted.
func (h *Hub) TurnAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turned = turned{}
	for id, a := range h.accounts {
		if len(a.clients) > 0 {
			h.turned[id] = true
		}
	}
}

// TakeTurned returns the accounts that have come online or gone offline since the last call, in their order.
func (h *Hub) TakeTurned() (online, offline []chat.AccountID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(h.turned)) {
		if h.turned[id] {
			online = append(online, id)
		} else {
			offline = append(offline, id)
		}
	}
	clear(h.turned)
	return online, offline
}

// GiveBack undoes [Hub.TakeTurned], for accounts that have not turned since.
func (h *Hub) GiveBack(online, offline []chat.AccountID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for was, accounts := range map[bool][]chat.AccountID{true: online, false: offline} {
		for _, id := range accounts {
			if _, again := h.turned[id]; !again {
				h.turned.note(id, was)
			}
		}
	}
}
