package client

import (
	"context"

	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// Options tune the client API. Zero values get the defaults named here.
type Options struct {
	// SignInRate is how many wrong passwords a second may come from one address for
	// all accounts together, how many wrong codes and links until it is told to wait (a right one is never refused), how many
	// sign-in links it may have mailed, and how many e-mail addresses that are nobody's one account may look for; SignInBurst
	// how many at once; 0.5 and 30. Negative: no limit.
	SignInRate  float64
	SignInBurst int
	// PasswordRate is how many wrong passwords a second one e-mail address may get from
	// one address, or from one known device, PasswordBurst how many at once; 0.05 and 10. Negative: no limit.
	PasswordRate  float64
	PasswordBurst int
	// PasswordAllRate is how many wrong passwords a second one e-mail address may get from all
	// devices that are not known, PasswordAllBurst how many at once; 0.02 and 100. Negative: no limit.
	PasswordAllRate  float64
	PasswordAllBurst int
	// Live returns the rates in force, which can change while the server runs; nil: those above.
	Live func() Rates
	// DeviceKey returns the key that signs the cookies of known devices and of sign-ins with a provider. It must be the
	// same on all nodes; nil: one that ends with the process.
	DeviceKey func() []byte
	// Providers are the providers of OpenID Connect with which people can sign in.
	Providers []Provider
	// Config is the configuration that clients read before anybody signs in.
	Config Config
	// Limits returns the limits in force; nil: those of Config.
	Limits func() ConfigLimits
	// App is the application whose client people sign in with.
	App chat.AppID
	// Avatar makes a public picture of an image that the account has uploaded and
	// returns its address; what is wrong with the image it refuses as
	// [chat.Invalid] "avatar". nil: clients cannot change pictures.
	Avatar func(ctx context.Context, by chat.AccountID, key string) (address string, err error)
	// Links signs the addresses of files; nil: there are no files.
	Links *blob.Links
	// Keeps reports whether the file of a key is kept here or at the storage service; it is
	// required with Links.
	Keeps func(key string) bool
}

// Rates limit attempts to sign in; see the fields of [Options] with their names.
type Rates struct{ SignIn, Password, PasswordAll endpoint.Rate }

func (o *Options) signInRate() endpoint.Rate      { return o.Live().SignIn }
func (o *Options) passwordRate() endpoint.Rate    { return o.Live().Password }
func (o *Options) passwordAllRate() endpoint.Rate { return o.Live().PasswordAll }

func (o Options) withDefaults() Options {
	endpoint.Default(&o.SignInRate, 0.5)
	endpoint.Default(&o.SignInBurst, 30)
	endpoint.Default(&o.PasswordRate, 0.05)
	endpoint.Default(&o.PasswordBurst, 10)
	endpoint.Default(&o.PasswordAllRate, 0.02)
	endpoint.Default(&o.PasswordAllBurst, 100)
	if o.Live == nil {
		still := Rates{
			SignIn:      endpoint.Rate{PerSecond: o.SignInRate, Burst: o.SignInBurst},
			Password:    endpoint.Rate{PerSecond: o.PasswordRate, Burst: o.PasswordBurst},
			PasswordAll: endpoint.Rate{PerSecond: o.PasswordAllRate, Burst: o.PasswordAllBurst},
		}
		o.Live = func() Rates { return still }
	}
	return o
}
