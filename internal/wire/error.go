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

// Text is a text of the contract and when it is said.
type Text struct {
	Error chat.Error
	Doc   string
}

// Refusals are the texts that a request may be refused with, all but "invalid
// payload: …", which is made where it is needed.
var Refusals = []Text{
	{chat.ErrNotContact, "the other one is no contact and there is no chat with them in the list; the same for an account that does not exist"},
	{chat.ErrRelationEnded, "the chat is in the list, but the two are no longer contacts; or the caller is no longer in that group"},
	{chat.ErrNotInGroup, "never was a member"},
	{chat.ErrGroupNotFound, "no such group, or it was dissolved"},
	{chat.ErrSenderNotFound, "the caller's own account is gone or deactivated"},
	{chat.ErrBanSpeak, "only administrators may speak in the group now, and the caller is none"},
	{chat.ErrMessageNotFound, "no such message in that chat, or none that the caller may see or name here"},
	{chat.ErrMessageTooLong, "more than 20,480 UTF-16 units of text"},
	{chat.ErrWithdrawExpired, "one's own message, but older than five minutes"},
	{chat.ErrForbidden, "not the caller's to do"},
	{chat.ErrTooManyRequests, "over a rate limit, or too many requests of the account are waiting: try again later, with the same waitingid"},
	{chat.ErrUnknownEvent, "no request of that name"},
	{chat.ErrDatabase, "the server failed at something that concerns an account; trying again, with the same waitingid, is safe"},
	{chat.ErrDatabaseGroup, "the same, of a group"},
	{chat.ErrInternal, "the server failed at anything else"},
}

// CommonRefusals are those that every request may meet, beside "invalid
// payload: …".
var CommonRefusals = []chat.Error{chat.ErrTooManyRequests, chat.ErrSenderNotFound}

// LoginRefusals are the texts that a connection may be refused with.
var LoginRefusals = []Text{
	{chat.ErrTokenRequired, "no token anywhere"},
	{chat.ErrInvalidToken, "no such token, or a revoked one; or its account is gone or deactivated"},
	{chat.ErrTokenExpired, "it was good once"},
	{chat.ErrAppRequired, "no application named, and none may be left out"},
	{chat.ErrInvalidApp, "no such application"},
	{chat.ErrCredentialsDiffer, "two places name different tokens or applications"},
	{chat.ErrTooManyRequests, "the log-in is refused, and there were too many refused ones from that address lately; a good log-in is never refused so"},
	{chat.ErrTooManyConnections, "the token or the account has as many connections as it may have: close one and connect again"},
	{chat.ErrInternal, "a mistake in the server. While its database does not answer or it is stopping, the connection is closed without a word instead, and the client comes back"},
}
