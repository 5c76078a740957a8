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
// the server: users then see only the event's text for faults ("database error",
// "database err" or "internal error"), and the caller logs the error.
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

// RefusalText returns the text of err that users may read; false if there is none.
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

// Text is an error text of the contract and the situation that it describes.
type Text struct {
	Error chat.Error
	Doc   string
}

// Refusals are the error texts of requests, except "invalid payload: …", which
// names the field.
var Refusals = []Text{
	{chat.ErrNotContact, "the other account is not a contact, and there is no chat with it in the list; also for an account that does not exist"},
	{chat.ErrRelationEnded, "the chat is in the list, but the two accounts are no longer contacts; or the caller is a former member of the group, also if it was dissolved later"},
	{chat.ErrNotInGroup, "the caller was never a member of the group"},
	{chat.ErrGroupNotFound, "the group does not exist, or it was dissolved"},
	{chat.ErrSenderNotFound, "the caller's own account does not exist any more or is deactivated"},
	{chat.ErrBanSpeak, "only administrators can speak in the group at present, and the caller is not one"},
	{chat.ErrMessageNotFound, "the message is not in that chat, or the caller cannot see it or use it here"},
	{chat.ErrMessageTooLong, "more than 20,480 UTF-16 units of text"},
	{chat.ErrWithdrawExpired, "the message is the caller's own, but older than five minutes"},
	{chat.ErrEditExpired, "the message is older than the time in which it can be edited, one day by default"},
	{chat.ErrTooManyReactions, "the message has 20 different emoji already"},
	{chat.ErrTooManyPins, "the chat has as many pinned messages as it can have, 50 by default"},
	{chat.ErrForbidden, "the caller does not have the permission"},
	{chat.ErrTooManyRequests, "the account is above a rate limit, or too many of its requests are waiting: try again later, with the same waitingid"},
	{chat.ErrUnknownEvent, "there is no request with that name"},
	{chat.ErrDatabase, "the server failed at a request about an account; it is safe to try again with the same waitingid"},
	{chat.ErrDatabaseGroup, "the server failed at a request about a group; likewise"},
	{chat.ErrInternal, "the server failed at another request"},
}

// CommonRefusals are the errors that every request can get, besides "invalid
// payload: …".
var CommonRefusals = []chat.Error{chat.ErrTooManyRequests, chat.ErrSenderNotFound}

// LoginRefusals are the error texts of refused connections.
var LoginRefusals = []Text{
	{chat.ErrTokenRequired, "the client sent no token"},
	{chat.ErrInvalidToken, "the token does not exist or was revoked; or its account does not exist any more or is deactivated"},
	{chat.ErrTokenExpired, "the token has expired"},
	{chat.ErrAppRequired, "the client named no application, and the server has no default for it"},
	{chat.ErrInvalidApp, "the application does not exist"},
	{chat.ErrCredentialsDiffer, "two places name different tokens or applications"},
	{chat.ErrTooManyRequests, "the log-in is refused, and there were too many refused ones from that address recently; a correct log-in never gets this error"},
	{chat.ErrTooManyConnections, "the token or the account has reached its limit of connections: close one and connect again"},
	{chat.ErrInternal, "a fault in the server. While its database does not answer, while it is stopping, or while too many log-ins from the address wait, the connection is closed without an error packet instead, so that the client reconnects"},
}
