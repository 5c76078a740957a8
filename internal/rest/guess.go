package rest

import "time"

// guesses bounds wrong passwords. A right one gives back what it took.
//
//   - One address against one account: the bucket of the pair. Whoever guesses from elsewhere does not use it up, so that nobody
//     can lock the owner out.
//   - Many addresses against one account: a wider bucket of the account. While it is empty, the account's known devices still get in.
//   - One address against many accounts: the bucket of the address.
//
// A known device has a bucket of its own instead of all of these: it has signed in to the account before.
type guesses struct {
	pairs     *rates[guess]
	accounts  *rates[string]
	addresses *rates[string]
	devices   *rates[string]
}

// guess is who tries, and at what e-mail address.
type guess struct{ address, email string }

func newGuesses(o *Options) *guesses {
	return &guesses{
		pairs:     newRates[guess](o.PasswordRate, o.PasswordBurst),
		accounts:  newRates[string](o.PasswordAllRate, o.PasswordAllBurst),
		addresses: newRates[string](o.SignInRate, o.SignInBurst),
		devices:   newRates[string](o.PasswordRate, o.PasswordBurst),
	}
}

// take takes a turn to try a password, or says how long there is none. Where one bucket has none, the others keep theirs: a
// program that goes on with a wrong password does not use up what its neighbours need. device is empty for an unknown one.
func (g *guesses) take(by guess, device string) (right func(), wait time.Duration) {
	if device != "" {
		return g.devices.take(device)
	}
	pair, wait := g.pairs.take(by)
	if wait > 0 {
		return nil, wait
	}
	account, wait := g.accounts.take(by.email)
	if wait > 0 {
		pair()
		return nil, wait
	}
	address, wait := g.addresses.take(by.address)
	if wait > 0 {
		pair()
		account()
		return nil, wait
	}
	return func() { pair(); account(); address() }, 0
}
