package chat

import (
	"context"
	"errors"
	"time"
)

// RequestID identifies a friend request: a GUID string.
type RequestID string

// RequestState is the state of a friend request.
type RequestState int

// The states. One that was taken back is shown to nobody.
const (
	RequestWaiting   RequestState = 0
	RequestAccepted  RequestState = 1
	RequestDeclined  RequestState = 2
	RequestTakenBack RequestState = 3
)

// The types of the notifications about friend requests, in the inbox "system".
// Their entity is the request.
const (
	NotifyFriendRequest  = "friend request"
	NotifyFriendAccepted = "friend accepted"
)

// FriendRequest is a request to become friends. There is at most one from an account to
// another; a repeated request keeps its id.
type FriendRequest struct {
	ID         RequestID
	From, To   AccountID
	Message    string
	State      RequestState
	At         time.Time // when it was made, the last time
	ToldAt     time.Time // when the receiver was last notified of it
	AnsweredAt time.Time // zero: not answered
}

// NewFriendRequest names somebody by an id or by an exact email address, not both.
type NewFriendRequest struct {
	To      AccountID
	Email   string
	Message string
}

// RequestSeen is a friend request as one of the two sees it.
type RequestSeen struct {
	FriendRequest
	Sender, Receiver Person
}

// RequestFriend asks somebody to be a friend and puts that into their inbox.
// Asked twice is asked once; where the other one has asked already, that is
// accepted. After a refusal nothing can be asked for Options.FriendRequestPause
// ([ErrTooManyRequests]). [ErrAccountNotFound]: nobody active has the id or
// address, or the caller is a guest and does not know them. [ErrConflict]: the two are friends.
func (s *Service) RequestFriend(ctx context.Context, by Actor, n NewFriendRequest) (RequestSeen, error) {
	if err := s.checkFriendRequest(n); err != nil {
		return RequestSeen{}, err
	}
	return update(ctx, s, func(tx Tx) (RequestSeen, error) {
		me, err := caller(tx, by)
		if err != nil {
			return RequestSeen{}, err
		}
		peer, err := requested(tx, me, n)
		if err != nil {
			return RequestSeen{}, err
		}
		if may, err := mayAsk(tx, me.ID, peer.ID); err != nil {
			return RequestSeen{}, err
		} else if !may {
			return RequestSeen{}, ErrAccountNotFound
		}
		friends, err := tx.AreFriends(me.ID, peer.ID)
		if err != nil {
			return RequestSeen{}, err
		}
		if friends {
			return RequestSeen{}, ErrConflict
		}
		crossing, err := tx.FriendRequestBetween(peer.ID, me.ID)
		switch {
		case err == nil && crossing.State == RequestWaiting:
			return s.answer(tx, crossing, me, true)
		case err != nil && !errors.Is(err, ErrNoRow):
			return RequestSeen{}, err
		}
		r, err := s.request(tx, me, peer, n)
		if err != nil {
			return RequestSeen{}, err
		}
		return requestSeen(tx, me.ID, r)
	})
}

func (s *Service) checkFriendRequest(n NewFriendRequest) error {
	switch {
	case n.To == "" && n.Email == "":
		return Invalid("to", "is required")
	case n.To != "" && n.Email != "":
		return Invalid("email", "must not be given beside to")
	case n.To != "":
		if err := checkID("to", n.To); err != nil {
			return err
		}
	default:
		if len(n.Email) > maxEmail {
			return Invalid("email", "must be at most %d bytes", maxEmail)
		}
	}
	return checkLength("message", n.Message, s.opts.MaxNameLength)
}

// requested finds the account that the request names. An inactive account does not count.
func requested(tx Tx, me Account, n NewFriendRequest) (Account, error) {
	if n.To != "" {
		a, err := tx.Account(n.To)
		switch {
		case err != nil:
			return Account{}, or(err, ErrAccountNotFound)
		case a.ID == me.ID:
			return Account{}, Invalid("to", "must be somebody else")
		case !a.Active:
			return Account{}, ErrAccountNotFound
		}
		return a, nil
	}
	email, err := cleanEmail("email", n.Email)
	if err != nil {
		return Account{}, ErrAccountNotFound // nobody has such an address
	}
	found, err := tx.AccountsByEmail(email)
	if err != nil {
		return Account{}, err
	}
	own := false
	for _, a := range found {
		own = own || a.ID == me.ID
		if a.Active && a.ID != me.ID {
			return a, nil
		}
	}
	if own {
		return Account{}, Invalid("email", "must be somebody else's")
	}
	return Account{}, ErrAccountNotFound
}

// request makes a request, or makes one again that was answered or taken back.
func (s *Service) request(tx Tx, me, peer Account, n NewFriendRequest) (FriendRequest, error) {
	now := s.now()
	r, err := tx.FriendRequestBetween(me.ID, peer.ID)
	switch {
	case errors.Is(err, ErrNoRow):
		r = FriendRequest{ID: RequestID(newID()), From: me.ID, To: peer.ID}
	case err != nil:
		return FriendRequest{}, err
	case r.State == RequestWaiting:
		return r, nil
	case r.State == RequestDeclined && now.Sub(r.AnsweredAt).Abs() < s.live().FriendRequestPause:
		return FriendRequest{}, ErrTooManyRequests
	}
	waiting, err := tx.CountFriendRequests(me.ID)
	if err != nil {
		return FriendRequest{}, err
	}
	if waiting >= s.live().MaxFriendRequests {
		return FriendRequest{}, Invalid("to", "must not be asked while %d others have not answered", waiting)
	}
	// A request that was taken back and is made again causes no second notification.
	quiet := r.State == RequestTakenBack && now.Sub(r.ToldAt).Abs() < s.live().FriendRequestPause
	r.Message, r.State, r.At, r.AnsweredAt = n.Message, RequestWaiting, now, time.Time{}
	if !quiet {
		r.ToldAt = now
	}
	if err := tx.SaveFriendRequest(r); err != nil || quiet {
		return r, err
	}
	return r, s.tellOfRequest(tx, r, NotifyFriendRequest, peer.ID, me.Name, s.text().asksForFriendship(me.Name, r.Message))
}

func (s *Service) tellOfRequest(tx Tx, r FriendRequest, kind string, to AccountID, name, text string) error {
	_, err := notify(tx, &Notification{
		Category: "system", Type: kind, Text: text, Name: name, EntityID: string(r.ID), At: s.now(),
	}, []AccountID{to})
	return err
}

// AnswerFriendRequest accepts or declines a friend request to the caller. Repeating the
// same answer changes nothing. [ErrNotFound]: there is no such request to the caller, or
// it was taken back. [ErrConflict]: the request has the other answer.
func (s *Service) AnswerFriendRequest(ctx context.Context, by Actor, id RequestID, accept bool) (RequestSeen, error) {
	if err := checkID("request", id); err != nil {
		return RequestSeen{}, err
	}
	return update(ctx, s, func(tx Tx) (RequestSeen, error) {
		me, err := caller(tx, by)
		if err != nil {
			return RequestSeen{}, err
		}
		r, err := tx.FriendRequest(id)
		switch {
		case err != nil:
			return RequestSeen{}, or(err, ErrNotFound)
		case r.To != me.ID || r.State == RequestTakenBack:
			return RequestSeen{}, ErrNotFound
		case r.State == RequestWaiting:
			return s.answer(tx, r, me, accept)
		case (r.State == RequestAccepted) != accept:
			return RequestSeen{}, ErrConflict
		}
		return requestSeen(tx, me.ID, r)
	})
}

// answer settles a waiting request to me.
func (s *Service) answer(tx Tx, r FriendRequest, me Account, accept bool) (RequestSeen, error) {
	r.State, r.AnsweredAt = RequestDeclined, s.now()
	if !accept {
		if err := tx.SaveFriendRequest(r); err != nil {
			return RequestSeen{}, err
		}
		return requestSeen(tx, me.ID, r)
	}
	peer, err := tx.Account(r.From)
	if err != nil {
		return RequestSeen{}, err
	}
	if err := s.befriend(tx, me, peer); err != nil {
		return RequestSeen{}, err
	}
	if r, err = tx.FriendRequest(r.ID); err != nil {
		return RequestSeen{}, err
	}
	if err := s.tellOfRequest(tx, r, NotifyFriendAccepted, peer.ID, me.Name, s.text().isFriendNow(me.Name)); err != nil {
		return RequestSeen{}, err
	}
	return requestSeen(tx, me.ID, r)
}

// TakeBackFriendRequest takes back a friend request of the caller. [ErrNotFound]: it was
// answered, or the caller made no such request.
func (s *Service) TakeBackFriendRequest(ctx context.Context, by Actor, id RequestID) error {
	if err := checkID("request", id); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		me, err := caller(tx, by)
		if err != nil {
			return err
		}
		r, err := tx.FriendRequest(id)
		if err != nil {
			return or(err, ErrNotFound)
		}
		if r.From != me.ID || r.State != RequestWaiting {
			return ErrNotFound
		}
		r.State = RequestTakenBack
		return tx.SaveFriendRequest(r)
	})
}

// FriendRequests returns a page of the friend requests from and to the caller, newest first.
func (s *Service) FriendRequests(ctx context.Context, by Actor, offset, limit int) ([]RequestSeen, error) {
	if offset < 0 {
		return nil, Invalid("offset", "must not be negative")
	}
	return view(ctx, s, func(tx Tx) ([]RequestSeen, error) {
		me, err := caller(tx, by)
		if err != nil {
			return nil, err
		}
		requests, err := tx.FriendRequests(me.ID, offset, s.page(limit))
		if err != nil {
			return nil, err
		}
		all := make([]RequestSeen, len(requests))
		for i, r := range requests {
			if all[i], err = requestSeen(tx, me.ID, r); err != nil {
				return nil, err
			}
		}
		return all, nil
	})
}

func requestSeen(tx Tx, me AccountID, r FriendRequest) (RequestSeen, error) {
	view := RequestSeen{FriendRequest: r}
	for _, side := range []struct {
		id   AccountID
		into *Person
	}{{r.From, &view.Sender}, {r.To, &view.Receiver}} {
		a, err := tx.Account(side.id)
		if err != nil {
			return RequestSeen{}, err
		}
		if *side.into, err = seen(tx, me, a); err != nil {
			return RequestSeen{}, err
		}
	}
	return view, nil
}

// waitingRequest says whether one of the two has asked the other and waits.
func waitingRequest(tx Tx, me, peer AccountID) (RequestSide, error) {
	for _, q := range []struct {
		from, to AccountID
		side     RequestSide
	}{{me, peer, RequestSent}, {peer, me, RequestReceived}} {
		r, err := tx.FriendRequestBetween(q.from, q.to)
		switch {
		case errors.Is(err, ErrNoRow):
		case err != nil:
			return "", err
		case r.State == RequestWaiting:
			return q.side, nil
		}
	}
	return "", nil
}

// settleRequests accepts the open requests between two accounts that have become friends.
func settleRequests(tx Tx, a, b AccountID, at time.Time) error {
	for _, way := range [][2]AccountID{{a, b}, {b, a}} {
		r, err := tx.FriendRequestBetween(way[0], way[1])
		if errors.Is(err, ErrNoRow) {
			continue
		}
		if err != nil {
			return err
		}
		if r.State != RequestWaiting {
			continue
		}
		r.State, r.AnsweredAt = RequestAccepted, at
		if err := tx.SaveFriendRequest(r); err != nil {
			return err
		}
	}
	return nil
}
