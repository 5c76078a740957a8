// Package demo fills an empty database with people who are plainly invented, so
// that a first look, and a test, has somebody to talk to.
package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/internal/chat"
)

// What the demo is made of has fixed names, so that a second start finds it. The
// secret, the signing key and the tokens are random all the same.
const (
	appKey       = "demo-app"
	hostKey      = "demo-host"
	organization = chat.OrganizationID("d0000000-0000-4000-8000-000000000001")
	groupName    = "Demo Group"
	tokenLife    = 30 * 24 * time.Hour
	codeLife     = 7 * 24 * time.Hour
)

var (
	members = []chat.Account{
		{ID: "d0000000-0000-4000-8000-000000000011", Name: "Demo One", Email: "one@demo.example"},
		{ID: "d0000000-0000-4000-8000-000000000012", Name: "Demo Two", Email: "two@demo.example"},
		{ID: "d0000000-0000-4000-8000-000000000013", Name: "Demo Three", Email: "three@demo.example"},
	}
	outsider = chat.Account{ID: "d0000000-0000-4000-8000-000000000019", Name: "Demo Stranger", Email: "stranger@demo.example"}
)

// AppKey is the key of the application that the demo's clients use.
const AppKey = appKey

// Person is an account of the demo with a token and a link that work.
type Person struct {
	ID    chat.AccountID `json:"id"`
	Name  string         `json:"name"`
	Token string         `json:"token"`
	Link  string         `json:"link"` // signs in to the web client, as often as wanted
}

// Group is the demo's group.
type Group struct {
	ID   chat.GroupID `json:"id"`
	Name string       `json:"name"`
}

// Host is the application of kind server that calls the host API, with all scopes.
type Host struct {
	App    string `json:"app"`
	Secret string `json:"secret"`
}

// World is everything the demo has.
type World struct {
	App        string   `json:"app"`        // of the clients
	SigningKey string   `json:"signingKey"` // that App's JWTs are signed with
	HostApp    Host     `json:"host"`
	Accounts   []Person `json:"accounts"` // three members of one organization and of the group
	Group      Group    `json:"group"`
	Stranger   Person   `json:"stranger"` // of no organization

	app  chat.AppID
	made bool // by this start
}

// Fill creates what is missing of the demo and issues a token to everybody. On a
// folder that a demo has used before it finds the same people and their messages;
// the tokens of earlier starts go on working until they expire.
// link makes of a sign-in code the address that signs in with it.
func Fill(ctx context.Context, svc *chat.Service, link func(code string) string) (World, error) {
	app, err := client(ctx, svc)
	if err != nil {
		return World{}, fmt.Errorf("demo: application: %w", err)
	}
	host, err := host(ctx, svc)
	if err != nil {
		return World{}, fmt.Errorf("demo: application of kind server: %w", err)
	}
	if err := people(ctx, svc); err != nil {
		return World{}, err
	}
	group, made, err := talk(ctx, svc, app.ID)
	if err != nil {
		return World{}, err
	}

	w := World{App: app.Key, SigningKey: app.SigningKeys[0].Value, HostApp: host, Group: Group{group.ID, group.Name}, app: app.ID, made: made}
	for _, a := range members {
		p, err := person(ctx, svc, app.ID, a, link)
		if err != nil {
			return World{}, err
		}
		w.Accounts = append(w.Accounts, p)
	}
	w.Stranger, err = person(ctx, svc, app.ID, outsider, link)
	return w, err
}

// client finds or makes the application of the clients, with a signing key.
func client(ctx context.Context, svc *chat.Service) (chat.Application, error) {
	app, err := svc.ApplicationByKey(ctx, appKey)
	if isMissing(err) {
		var made chat.WithSecret
		made, err = svc.CreateApplication(ctx, "", chat.Application{
			Key: appKey, Name: "Demo", Kind: chat.AppWeb, SendAck: chat.AckErrorFirst,
		})
		app = made.Application
	}
	if err != nil || len(app.SigningKeys) > 0 {
		return app, err
	}
	made, err := svc.RotateSigningKey(ctx, "", app.ID, 0)
	return made.Application, err
}

// host makes the application of kind server, or a new secret for it: only the hash
// of the one before is there. That one goes on working.
func host(ctx context.Context, svc *chat.Service) (Host, error) {
	app, err := svc.ApplicationByKey(ctx, hostKey)
	var made chat.WithSecret
	switch {
	case err == nil:
		made, err = svc.RotateSecret(ctx, "", app.ID, tokenLife)
	case isMissing(err):
		made, err = svc.CreateApplication(ctx, "", chat.Application{
			Key: hostKey, Name: "Demo system", Kind: chat.AppServer, Scopes: chat.Scopes,
		})
	}
	return Host{App: made.Key, Secret: made.Secret}, err
}

// people creates accounts and organization. Every step may have been done before.
func people(ctx context.Context, svc *chat.Service) error {
	ids := make([]chat.AccountID, len(members))
	for i, a := range append(members[:len(members):len(members)], outsider) {
		a.Active = true
		_, err := svc.CreateAccount(ctx, a)
		if errors.Is(err, chat.ErrConflict) {
			// Somebody may have tried how an account is deactivated.
			_, err = svc.UpdateAccount(ctx, a.ID, chat.AccountPatch{Active: &a.Active})
		}
		if err != nil {
			return fmt.Errorf("demo: account: %w", err)
		}
		if i < len(ids) {
			ids[i] = a.ID
		}
	}
	_, err := svc.CreateOrganization(ctx, chat.Organization{ID: organization, Name: "Demo Organization"})
	if err != nil && !errors.Is(err, chat.ErrConflict) {
		return fmt.Errorf("demo: organization: %w", err)
	}
	if err := svc.AddToOrganization(ctx, organization, ids); err != nil {
		return fmt.Errorf("demo: organization: %w", err)
	}
	return nil
}

// talk finds the group or creates it. The messages' own names make them appear
// once, whatever broke off an earlier start.
func talk(ctx context.Context, svc *chat.Service, app chat.AppID) (_ chat.Group, made bool, err error) {
	one, two, three := members[0].ID, members[1].ID, members[2].ID
	group, err := findGroup(ctx, svc, one)
	if err != nil {
		return chat.Group{}, false, err
	}
	if made = group.ID == ""; made {
		group, err = svc.CreateGroup(ctx, chat.Actor{Account: one, App: app}, chat.NewGroup{
			Name: groupName, IsPost: true, Creator: one, Members: []chat.AccountID{two, three},
		})
		if err != nil {
			return chat.Group{}, false, fmt.Errorf("demo: group: %w", err)
		}
	}

	say := func(from chat.AccountID, text, name string) (chat.Actor, chat.Draft) {
		return chat.Actor{Account: from, App: app},
			chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: text}, WaitingID: "demo-" + name}
	}
	by, draft := say(one, "Welcome to the demo. Everything you write here stays in this folder.", "group-1")
	if _, err := svc.SendGroupMessage(ctx, by, group.ID, draft); err != nil {
		return chat.Group{}, false, fmt.Errorf("demo: group message: %w", err)
	}
	by, draft = say(two, "Hello everybody 👋", "group-2")
	if _, err := svc.SendGroupMessage(ctx, by, group.ID, draft); err != nil {
		return chat.Group{}, false, fmt.Errorf("demo: group message: %w", err)
	}
	by, draft = say(two, "A message for you alone.", "direct-1")
	if _, err := svc.SendMessage(ctx, by, one, draft); err != nil {
		return chat.Group{}, false, fmt.Errorf("demo: message: %w", err)
	}
	return group, made, nil
}

// findGroup returns the demo's group, the zero Group where there is none. Somebody
// may have renamed it: it is the oldest group of its creator.
func findGroup(ctx context.Context, svc *chat.Service, creator chat.AccountID) (chat.Group, error) {
	subscriptions, err := svc.GroupsOf(ctx, creator)
	if err != nil {
		return chat.Group{}, fmt.Errorf("demo: groups: %w", err)
	}
	var found chat.Group
	for _, s := range subscriptions {
		g, err := svc.Group(ctx, s.Group)
		if err != nil {
			return chat.Group{}, fmt.Errorf("demo: group: %w", err)
		}
		if g.Creator == creator && (found.ID == "" || g.CreatedAt.Before(found.CreatedAt)) {
			found = g
		}
	}
	return found, nil
}

func person(ctx context.Context, svc *chat.Service, app chat.AppID, a chat.Account, link func(string) string) (Person, error) {
	plain, _, err := svc.IssueToken(ctx, chat.NewToken{Account: a.ID, App: app, Label: "demo", TTL: tokenLife})
	if err != nil {
		return Person{}, fmt.Errorf("demo: token: %w", err)
	}
	code, _, err := svc.CreateSignInCode(ctx, chat.NewSignInCode{Account: a.ID, TTL: codeLife, Reusable: true})
	if err != nil {
		return Person{}, fmt.Errorf("demo: sign-in code: %w", err)
	}
	return Person{ID: a.ID, Name: a.Name, Token: plain, Link: link(code)}, nil
}

func isMissing(err error) bool {
	return errors.Is(err, chat.ErrNotFound) || errors.Is(err, chat.ErrInvalidApp)
}
