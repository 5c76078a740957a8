package chat

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"slices"
	"time"
)

// AppID identifies a registered application (the contract's appid).
type AppID string

// AppKind says where an application runs. Pushes marked "Web Only" go to
// sockets of [AppWeb] alone.
type AppKind string

// The kinds of application.
const (
	AppWeb     AppKind = "web"
	AppMobile  AppKind = "mobile"
	AppDesktop AppKind = "desktop"
	AppServer  AppKind = "server"
)

// SendAck is the form in which an application gets the result of the two sends.
type SendAck string

// The two forms: ack(false, result), and the literal ack(result).
const (
	AckErrorFirst  SendAck = "error-first"
	AckResultFirst SendAck = "result-first"
)

// maxMutedPushes is above the number of pushes there are.
const maxMutedPushes = 64

// Application is a program that connects clients or calls the host API.
type Application struct {
	ID          AppID
	Key         string // public, what clients send as app
	Secret      string // signs JWTs, authenticates the host API
	Name        string
	URL         string
	Kind        AppKind
	SendAck     SendAck
	MutedPushes []string // events that its sockets do not want
	CreatedAt   time.Time
}

// AuthenticateApp checks what a host system presents. Whatever is wrong is told
// as [ErrInvalidApp], in the same time.
func (s *Service) AuthenticateApp(ctx context.Context, key, secret string) (Application, error) {
	app, err := view(ctx, s, func(tx Tx) (Application, error) { return tx.ApplicationByKey(key) })
	if err != nil && !errors.Is(err, ErrNoRow) {
		return Application{}, err
	}
	// Digests are compared, so that neither the secret's length nor whether the
	// key exists shows in the time taken.
	got, want := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(app.Secret))
	same := subtle.ConstantTimeCompare(got[:], want[:]) == 1
	if err != nil || !same || app.Secret == "" {
		return Application{}, ErrInvalidApp
	}
	return app, nil
}

// CreateApplication registers an application. ID, Key and Secret are made where
// they are empty; Kind is web and SendAck error-first unless said otherwise.
// [ErrConflict]: the id or key is taken.
func (s *Service) CreateApplication(ctx context.Context, a Application) (Application, error) {
	if a.ID == "" {
		a.ID = AppID(newID())
	} else if err := checkNewID("id", a.ID); err != nil {
		return Application{}, err
	}
	if a.Key == "" {
		a.Key = newID()
	}
	if a.Secret == "" {
		a.Secret = newSecret()
	}
	setDefault(&a.Kind, AppWeb)
	setDefault(&a.SendAck, AckErrorFirst)
	a.CreatedAt = s.now()
	var err error
	if a.Name, err = s.cleanName("name", a.Name); err != nil {
		return Application{}, err
	}
	if err := s.checkApplication(a); err != nil {
		return Application{}, err
	}
	return update(ctx, s, func(tx Tx) (Application, error) {
		if err := tx.CreateApplication(a); err != nil {
			return Application{}, orConflict(err)
		}
		tx.Publish(AppChanged{App: a})
		return a, nil
	})
}

// ApplicationPatch changes the fields that are not nil.
type ApplicationPatch struct {
	Name, URL   *string
	Kind        *AppKind
	SendAck     *SendAck
	MutedPushes *[]string
}

// UpdateApplication changes the application with the id or the key and returns it
// as it is then. It holds for sockets that are connected, too.
func (s *Service) UpdateApplication(ctx context.Context, ref AppID, p ApplicationPatch) (Application, error) {
	return s.changeApplication(ctx, ref, func(a *Application) {
		setIf(&a.Name, p.Name)
		setIf(&a.URL, p.URL)
		setIf(&a.Kind, p.Kind)
		setIf(&a.SendAck, p.SendAck)
		setIf(&a.MutedPushes, p.MutedPushes)
	})
}

// RotateSecret gives the application with the id or the key a new secret and
// returns it: what the old one signed, and who presents it, is refused from then
// on. Opaque tokens stay good.
func (s *Service) RotateSecret(ctx context.Context, ref AppID) (Application, error) {
	secret := newSecret()
	return s.changeApplication(ctx, ref, func(a *Application) { a.Secret = secret })
}

func (s *Service) changeApplication(ctx context.Context, ref AppID, change func(*Application)) (Application, error) {
	return update(ctx, s, func(tx Tx) (Application, error) {
		a, err := applicationBy(tx, ref)
		if err != nil {
			return Application{}, or(err, ErrNotFound)
		}
		old := a.Name
		change(&a)
		if a.Name != old {
			if a.Name, err = s.cleanName("name", a.Name); err != nil {
				return Application{}, err
			}
		}
		if err := s.checkApplication(a); err != nil {
			return Application{}, err
		}
		if err := tx.UpdateApplication(a); err != nil {
			return Application{}, err
		}
		tx.Publish(AppChanged{App: a})
		return a, nil
	})
}

// applicationBy looks an application up by its id or, where none has it, by its key.
func applicationBy(tx Tx, ref AppID) (Application, error) {
	a, err := tx.Application(ref)
	if errors.Is(err, ErrNoRow) {
		return tx.ApplicationByKey(string(ref))
	}
	return a, err
}

func (s *Service) checkApplication(a Application) error {
	if err := checkURL("url", a.URL); err != nil {
		return err
	}
	if len(a.Key) > maxID || !printable(a.Key) {
		return Invalid("key", "must be at most %d printable ASCII characters", maxID)
	}
	// It signs JWTs: a short one could be guessed from a single token.
	if len(a.Secret) < 16 || len(a.Secret) > 256 || !printable(a.Secret) {
		return Invalid("secret", "must be 16 to 256 printable ASCII characters")
	}
	switch a.Kind {
	case AppWeb, AppMobile, AppDesktop, AppServer:
	default:
		return Invalid("kind", "must be web, mobile, desktop or server")
	}
	switch a.SendAck {
	case AckErrorFirst, AckResultFirst:
	default:
		return Invalid("send_ack", "must be error-first or result-first")
	}
	if len(a.MutedPushes) > maxMutedPushes {
		return Invalid("muted_pushes", "must name at most %d", maxMutedPushes)
	}
	for _, name := range a.MutedPushes {
		// A misspelt name would mute nothing, and nobody would be told.
		if name == "" || s.opts.Pushes != nil && !slices.Contains(s.opts.Pushes, name) {
			return Invalid("muted_pushes", "names no push: %.64q", name)
		}
	}
	return nil
}

func printable(text string) bool {
	for _, c := range []byte(text) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// Applications lists every application.
func (s *Service) Applications(ctx context.Context) ([]Application, error) {
	return view(ctx, s, Tx.Applications)
}

// Application returns the application with the id or the key, or [ErrNotFound].
func (s *Service) Application(ctx context.Context, ref AppID) (Application, error) {
	return view(ctx, s, func(tx Tx) (Application, error) {
		a, err := applicationBy(tx, ref)
		return a, or(err, ErrNotFound)
	})
}

// ApplicationByKey returns the application with the key, or [ErrInvalidApp].
func (s *Service) ApplicationByKey(ctx context.Context, key string) (Application, error) {
	return view(ctx, s, func(tx Tx) (Application, error) {
		a, err := tx.ApplicationByKey(key)
		return a, or(err, ErrInvalidApp)
	})
}
