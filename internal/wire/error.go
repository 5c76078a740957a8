package wire

import (
	"errors"

	"parley/internal/chat"
)

// Failure is the first argument of the acknowledgement of a refused request.
type Failure struct {
	Error string `json:"error" doc:"a text that programs may compare"`
}

// Refusal returns the contract's text of an error. known is false for a fault of
// the server, which users are told of only by the text that the event has for it
// ("database error", "database err" or "internal error") and which the caller
// logs.
func Refusal(event string, err error) (f *Failure, known bool) {
	if text, ok := RefusalText(err); ok {
		return &Failure{text}, true
	}
	fault := chat.ErrInternal
	if r, ok := requestByName[event]; ok {
		fault = r.Fault
	}
	return &Failure{fault.Error()}, false
}

// RefusalText returns what a user may read of err; false: nothing.
func RefusalText(err error) (string, bool) {
	var (
		refused chat.Error
		invalid *chat.InvalidError
	)
	switch {
	case errors.As(err, &refused):
		return refused.Error(), true
	case errors.As(err, &invalid):
		return invalid.Error(), true
	}
	return "", false
}
