package client

import (
	"strconv"

	"parley/internal/chat"
)

// offsetPage reads a page of a list whose cursor is the number of skipped rows.
func offsetPage[R, T any](p Page, show func(R) T, find func(offset, limit int) ([]R, error)) (*clientListBody[T], error) {
	offset, size, next := 0, p.size(), ""
	if p.Next != "" {
		var err error
		if offset, err = strconv.Atoi(p.Next); err != nil || offset < 0 || offset > maxOffset {
			return nil, chat.Invalid("next", "must be the next of a page")
		}
	}
	rows, err := find(offset, size+1) // one more, to know whether something follows
	if err != nil {
		return nil, err
	}
	if len(rows) > size {
		rows, next = rows[:size], strconv.Itoa(offset+size)
	}
	return clientItems(rows, next, show), nil
}

// maxOffset is beyond the end of every list.
const maxOffset = 1_000_000_000
