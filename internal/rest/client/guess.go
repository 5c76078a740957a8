package client

import (
	"context"
	"errors"
	"slices"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// secrets slows down wrong secrets from a network address: sign-in codes, tickets with their codes, and those in the links of set-ups,
// invitations and new e-mail addresses. Secrets have too many random bits to be guessed, and package chat bounds the codes of
// a second factor for each account. So do is always carried out, and a correct secret is never refused for the wrong ones of others: a
// whole company may share the address. Only a wrong secret is told to wait. do must look at the secret before any other work.
func (a *api) secrets(ctx context.Context, do func() error) error {
	err := do()
	if !isWrongTry(err) {
		return err
	}
	if _, wait := a.wrong.Take(peerOf(ctx).address); wait > 0 {
		return &endpoint.TooEarly{Wait: wait} // package chat has recorded the refusal
	}
	return err
}

// isWrongTry reports whether the secret is wrong, or something that is sent with it, such as an e-mail address that somebody has.
func isWrongTry(err error) bool {
	var invalid *chat.InvalidError
	if errors.As(err, &invalid) {
		return true
	}
	return slices.ContainsFunc([]error{chat.ErrInvalidCode, chat.ErrSignInExpired, chat.ErrWrongCode, chat.ErrCodeUsed}, func(wrong error) bool {
		return errors.Is(err, wrong)
	})
}

// guesses bounds wrong passwords. A right one gives back what it took.
//
//   - One address against one account: the bucket of the pair. Guesses from other addresses do not use it up, so that nobody can
//     lock the owner out.
//   - Many addresses against one account: a wider bucket of the account. While it is empty, the account's known devices still get in.
//   - One address against many accounts: the bucket of the address.
//
// A known device has a bucket of its own instead of all of these: it has signed in to the account before.
type guesses struct {
	pairs     *endpoint.Rates[guess]
	accounts  *endpoint.Rates[string]
	addresses *endpoint.Rates[string]
	devices   *endpoint.Rates[string]
}

// guess is the address of a client and the e-mail address that it tries to sign in
// with.
type guess struct{ address, email string }

func newGuesses(o *Options) *guesses {
	return &guesses{
		pairs:     endpoint.NewRates[guess](o.passwordRate),
		accounts:  endpoint.NewRates[string](o.passwordAllRate),
		addresses: endpoint.NewRates[string](o.signInRate),
		devices:   endpoint.NewRates[string](o.passwordRate),
	}
}

// take takes one attempt at a password, or returns how long to wait for one. If one bucket is empty, nothing is taken from
// the others: a program that goes on with a wrong password does not use up what its neighbours need. device is empty for an
// unknown one.
func (g *guesses) take(by guess, device string) (right func(), wait time.Duration) {
	if device != "" {
		return g.devices.Take(device)
	}
	pair, wait := g.pairs.Take(by)
	if wait > 0 {
		return nil, wait
	}
	account, wait := g.accounts.Take(by.email)
	if wait > 0 {
		pair()
		return nil, wait
	}
	address, wait := g.addresses.Take(by.address)
	if wait > 0 {
		pair()
		account()
		return nil, wait
	}
	return func() { pair(); account(); address() }, 0
}
