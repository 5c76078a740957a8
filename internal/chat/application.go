package chat

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
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

// ClientApp is the key of the web client's application. The server registers it at the first start. It
// cannot be disabled, because nobody could sign in with a browser to enable it again.
const ClientApp = "parley-web"

// maxMutedPushes is above the number of pushes there are.
const maxMutedPushes = 64

// Application is a program that connects clients or calls the host API.
type Application struct {
	ID          AppID     `cbor:",omitzero"`
	Key         string    `cbor:",omitzero"` // public, what clients send as app
	Name        string    `cbor:",omitzero"`
	URL         string    `cbor:",omitzero"`
	Kind        AppKind   `cbor:",omitzero"`
	SendAck     SendAck   `cbor:",omitzero"`
	MutedPushes []string  `cbor:",omitzero"` // events that its sockets do not want
	CreatedAt   time.Time `cbor:",omitzero"`
	DisabledAt  time.Time `cbor:",omitzero"` // nobody gets in through it since then; zero: it is not disabled

	// Scopes are the permissions of an application of kind [AppServer] for the host
	// API, in the order of [Scopes]. Other applications have no scopes.
	Scopes []Scope `cbor:",omitzero"`
	// Organization restricts the application, including log-ins through it, to one
	// organization; empty: no restriction. It never changes.
	Organization OrganizationID `cbor:",omitzero"`

	// Secrets authenticate the host API, hashed, and SigningKeys sign JWTs; the newest
	// first. Events for other nodes are encoded without them.
	Secrets     []Credential `cbor:"-"`
	SigningKeys []Credential `cbor:"-"`

	// SeenAt is the time of the last use: a log-in or request of somebody through the application, a token that was issued for it,
	// or a call of a host system. Zero: never. See [Service.WriteSeen].
	SeenAt time.Time `cbor:"-"`
}

// CreateApplication registers an application. It generates ID and Key if they are
// empty. The default of Kind is web, that of SendAck is error-first. An application
// of kind [AppServer] gets a secret. The first one gets all scopes if Scopes is empty.
// by is the calling application, empty for the operator; it cannot grant scopes that
// it does not have. [ErrConflict]: the id or key is in use.
func (s *Service) CreateApplication(ctx context.Context, by AppID, a Application) (WithSecret, error) {
	if a.ID == "" {
		a.ID = AppID(newID())
	} else if err := checkNewID("id", a.ID); err != nil {
		return WithSecret{}, err
	}
	if a.Key == "" {
		a.Key = newID()
	}
	setDefault(&a.Kind, AppWeb)
	setDefault(&a.SendAck, AckErrorFirst)
	a.CreatedAt = s.now()
	var err error
	if a.Name, err = s.cleanName("name", a.Name); err != nil {
		return WithSecret{}, err
	}
	a.Secrets, a.SigningKeys, a.DisabledAt, a.SeenAt = nil, nil, time.Time{}, time.Time{}
	secret := ""
	if a.Kind == AppServer {
		secret = newSecret()
		a.Secrets = []Credential{{Value: hashSecret(secret), CreatedAt: a.CreatedAt}}
	}
	return update(ctx, s, func(tx Tx) (WithSecret, error) {
		a := a // this may run more than once
		if err := s.prepareGrant(tx, by, &a); err != nil {
			return WithSecret{}, err
		}
		if err := s.checkApplication(&a); err != nil {
			return WithSecret{}, err
		}
		if err := tx.CreateApplication(a); err != nil {
			return WithSecret{}, orConflict(err)
		}
		tx.Publish(AppChanged{App: a})
		return WithSecret{a, secret}, s.record(ctx, tx, onApplication(AuditApplicationCreated, by, a.ID).with("kind", string(a.Kind)).with("name", a.Name))
	})
}

// prepareGrant fills in the scopes and the organization that a new application
// gets without naming them, and refuses those that it cannot get.
func (s *Service) prepareGrant(tx Tx, by AppID, a *Application) error {
	if by != "" {
		caller, err := tx.Application(by)
		if err != nil {
			return or(err, ErrInvalidApp)
		}
		setDefault(&a.Organization, caller.Organization)
		switch err := mayManage(tx, by, *a); {
		case errors.Is(err, ErrNotFound):
			return Invalid("organization", "is not the id of an organization")
		case err != nil:
			return err
		}
	} else if a.Kind == AppServer && len(a.Scopes) == 0 {
		all, err := tx.Applications()
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(other Application) bool { return other.Kind == AppServer }) {
			a.Scopes = slices.Clone(Scopes)
		}
	}
	if a.Organization != "" {
		if _, err := tx.Organization(a.Organization); err != nil {
			return or(err, Invalid("organization", "is not the id of an organization"))
		}
	}
	return nil
}

// ApplicationPatch changes the fields that are not nil.
type ApplicationPatch struct {
	Name, URL   *string
	Kind        *AppKind
	SendAck     *SendAck
	MutedPushes *[]string
	Scopes      *[]Scope
	// Disabled ends or restores every way in through the application: log-ins of people, JWTs, and
	// calls of a host system. Tokens and secrets stay, and are good again when it is restored.
	Disabled *bool
}

// UpdateApplication changes the application with the id or the key and returns it
// as it is then. It holds for sockets that are connected, too. by is the
// application that asks, empty for the operator. It can neither grant nor take away
// a scope that it does not have itself.
func (s *Service) UpdateApplication(ctx context.Context, by, ref AppID, p ApplicationPatch) (Application, error) {
	change := func(a *Application) error {
		// Access tokens that people have for it would open the host API.
		if p.Kind != nil && (*p.Kind == AppServer) != (a.Kind == AppServer) {
			return invalidFor("kind", ReasonKind, "cannot be changed to or from server: register another application")
		}
		setIf(&a.Name, p.Name)
		setIf(&a.URL, p.URL)
		setIf(&a.Kind, p.Kind)
		setIf(&a.SendAck, p.SendAck)
		setIf(&a.MutedPushes, p.MutedPushes)
		setIf(&a.Scopes, p.Scopes)
		if p.Disabled == nil || *p.Disabled == !a.DisabledAt.IsZero() {
			return nil
		}
		a.DisabledAt = time.Time{}
		if *p.Disabled {
			if a.ID == by {
				return errOwnApplication
			}
			if a.Key == ClientApp {
				return errClientApp
			}
			a.DisabledAt = s.now()
		}
		return nil
	}
	return update(ctx, s, func(tx Tx) (Application, error) {
		var before Application
		a, err := s.changeApplication(tx, by, ref, func(a *Application) error {
			before = *a
			if err := change(a); err != nil {
				return err
			}
			return s.mayWeaken(tx, before, *a)
		})
		if err != nil {
			return Application{}, err
		}
		return a, s.recordApplication(ctx, tx, by, before, a)
	})
}

var (
	errOwnApplication = invalidFor("disabled", ReasonOwnApp, "must not be set for the application that you use")
	errClientApp      = invalidFor("disabled", ReasonClientApp, "must not be set for the application of the web client")
)

// recordApplication records the changes of an application.
func (s *Service) recordApplication(ctx context.Context, tx Tx, by AppID, before, a Application) error {
	var changes []string
	for name, differs := range map[string]bool{
		"name": before.Name != a.Name, "url": before.URL != a.URL, "kind": before.Kind != a.Kind, "send_ack": before.SendAck != a.SendAck,
		"muted_pushes": !slices.Equal(before.MutedPushes, a.MutedPushes), "scopes": !slices.Equal(before.Scopes, a.Scopes),
	} {
		if differs {
			changes = append(changes, name)
		}
	}
	if before.DisabledAt.IsZero() != a.DisabledAt.IsZero() {
		kind := AuditApplicationEnabled
		if before.DisabledAt.IsZero() {
			kind = AuditApplicationDisabled
		}
		if err := s.record(ctx, tx, onApplication(kind, by, a.ID)); err != nil {
			return err
		}
	}
	if len(changes) == 0 {
		return nil
	}
	slices.Sort(changes)
	return s.record(ctx, tx, onApplication(AuditApplicationChanged, by, a.ID).with("change", strings.Join(changes, ",")))
}

// changeApplication changes the application with the id or the key on behalf of
// another one or, if by is empty, of the operator.
func (s *Service) changeApplication(tx Tx, by, ref AppID, change func(*Application) error) (Application, error) {
	a, err := applicationBy(tx, ref)
	if err != nil {
		return Application{}, or(err, ErrNotFound)
	}
	if err := mayManage(tx, by, a); err != nil {
		return Application{}, err
	}
	before := a
	if err := change(&a); err != nil {
		return Application{}, err
	}
	if a.Name != before.Name {
		if a.Name, err = s.cleanName("name", a.Name); err != nil {
			return Application{}, err
		}
	}
	if err := s.checkApplication(&a); err != nil {
		return Application{}, err
	}
	if err := mayManage(tx, by, a); err != nil {
		return Application{}, err
	}
	if sameApplication(a, before) {
		return s.sighted(a), nil
	}
	if err := tx.UpdateApplication(a); err != nil {
		return Application{}, err
	}
	tx.Publish(AppChanged{App: a})
	return s.sighted(a), nil
}

func sameApplication(a, b Application) bool {
	if !slices.Equal(a.MutedPushes, b.MutedPushes) || !slices.Equal(a.Scopes, b.Scopes) || !slices.Equal(a.Secrets, b.Secrets) ||
		!slices.Equal(a.SigningKeys, b.SigningKeys) {
		return false
	}
	for _, one := range []*Application{&a, &b} { // an empty list is the same as none
		one.MutedPushes, one.Scopes, one.Secrets, one.SigningKeys = nil, nil, nil, nil
	}
	return reflect.DeepEqual(a, b)
}

// applicationBy looks an application up by its id or, where none has it, by its key.
func applicationBy(tx Tx, ref AppID) (Application, error) {
	a, err := tx.Application(ref)
	if errors.Is(err, ErrNoRow) {
		return tx.ApplicationByKey(string(ref))
	}
	return a, err
}

// checkApplication also brings the scopes into order.
func (s *Service) checkApplication(a *Application) (err error) {
	if err := checkURL("url", a.URL); err != nil {
		return err
	}
	if len(a.Key) > maxID || !printable(a.Key) {
		return Invalid("key", "must be at most %d printable ASCII characters", maxID)
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
	if a.Scopes, err = sortScopes(a.Scopes); err != nil {
		return err
	}
	if (a.Kind == AppServer) != (len(a.Scopes) > 0) {
		if a.Kind == AppServer {
			return invalidFor("scopes", ReasonRequired, "is required for an application of kind server")
		}
		return Invalid("scopes", "is only for applications of kind server")
	}
	if len(a.MutedPushes) > maxMutedPushes {
		return Invalid("muted_pushes", "must name at most %d", maxMutedPushes)
	}
	for _, name := range a.MutedPushes {
		// A misspelt name would mute nothing, and nobody would be told.
		if name == "" || s.opts.Pushes != nil && !slices.Contains(s.opts.Pushes, name) {
			return Invalid("muted_pushes", "names a push that does not exist: %.64q", name)
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
	return view(ctx, s, s.applications)
}

func (s *Service) applications(tx Tx) ([]Application, error) {
	all, err := tx.Applications()
	for i, a := range all {
		all[i] = s.sighted(a)
	}
	return all, err
}

// sighted adds the uses that are not yet written.
func (s *Service) sighted(a Application) Application {
	if at := s.sightings.apps.at(a.ID); at.After(a.SeenAt) {
		a.SeenAt = at
	}
	return a
}

// Application returns the application with the id or the key, or [ErrNotFound].
func (s *Service) Application(ctx context.Context, ref AppID) (Application, error) {
	return view(ctx, s, func(tx Tx) (Application, error) {
		a, err := applicationBy(tx, ref)
		return s.sighted(a), or(err, ErrNotFound)
	})
}

// ApplicationByKey returns the application with the key, or [ErrInvalidApp].
func (s *Service) ApplicationByKey(ctx context.Context, key string) (Application, error) {
	return view(ctx, s, func(tx Tx) (Application, error) {
		a, err := tx.ApplicationByKey(key)
		return a, or(err, ErrInvalidApp)
	})
}
