package main

import (
	"context"
	"fmt"

	"parley/internal/chat"
	"parley/internal/config"
)

type orgCmd struct {
	Create   orgCreateCmd   `cmd:"" help:"Create an organization and print its id."`
	List     orgListCmd     `cmd:"" help:"List the organizations."`
	Add      orgAddCmd      `cmd:"" help:"Add accounts to an organization."`
	Remove   orgRemoveCmd   `cmd:"" help:"Remove accounts from an organization."`
	Marks    orgMarksCmd    `cmd:"" name:"read-marks" help:"Show to members of an organization who has read their messages, or hide it."`
	Activity orgActivityCmd `cmd:"" name:"activity" help:"Show to members of an organization who of their contacts is online and types, and to others the same of members, or hide it."`
	Role     orgRoleCmd     `cmd:"" help:"Give members of an organization a role. Owners and administrators of the main organization administer the server."`
}

type orgCreateCmd struct {
	folder
	format
	Name string `arg:"" help:"Name."`
	ID   string `name:"id" help:"Id, a GUID. Default: a new one."`
}

func (o *orgCreateCmd) Run(ctx context.Context, c *cli, std streams) error {
	return o.create(ctx, c, func(svc *chat.Service, _ config.Config) error {
		org, err := svc.CreateOrganization(ctx, chat.Organization{ID: chat.OrganizationID(o.ID), Name: o.Name})
		if err != nil {
			return fmt.Errorf("organization: %w", err)
		}
		return o.fields(std.out, "id", org.ID)
	})
}

type orgListCmd struct {
	folder
	format
}

func (o *orgListCmd) Run(ctx context.Context, c *cli, std streams) error {
	return o.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		t := o.table(std.out, "id", "name")
		for after := chat.OrganizationID(""); ; {
			page, err := svc.Organizations(ctx, after, 200)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				return t.flush()
			}
			for _, org := range page {
				if err := t.row(org.ID, org.Name); err != nil {
					return err
				}
			}
			after = page[len(page)-1].ID
		}
	})
}

// orgMembers is what adding and removing take.
type orgMembers struct {
	folder
	ID       string   `arg:"" name:"id" help:"Id of the organization."`
	Accounts []string `arg:"" name:"account" help:"Ids of accounts."`
}

type orgAddCmd struct{ orgMembers }

func (o *orgAddCmd) Run(ctx context.Context, c *cli, _ streams) error {
	return o.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		accounts := make([]chat.AccountID, len(o.Accounts))
		for i, a := range o.Accounts {
			accounts[i] = chat.AccountID(a)
		}
		if err := svc.AddToOrganization(ctx, chat.OrganizationID(o.ID), accounts); err != nil {
			return fmt.Errorf("organization %s: %w", o.ID, err)
		}
		return nil
	})
}

type orgRemoveCmd struct{ orgMembers }

func (o *orgRemoveCmd) Run(ctx context.Context, c *cli, _ streams) error {
	return o.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		for _, a := range o.Accounts {
			if err := svc.RemoveFromOrganization(ctx, chat.OrganizationID(o.ID), chat.AccountID(a)); err != nil {
				return fmt.Errorf("organization %s: account %s: %w", o.ID, a, err)
			}
		}
		return nil
	})
}

type orgMarksCmd struct {
	folder
	ID   string `arg:"" name:"id" help:"Id of the organization."`
	Show string `arg:"" enum:"on,off" help:"on, or off: nobody sees which messages a member has read, and members see no read marks."`
}

func (o *orgMarksCmd) Run(ctx context.Context, c *cli, _ streams) error {
	return o.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		hide := o.Show == "off"
		if _, err := svc.UpdateOrganization(ctx, chat.OrganizationID(o.ID), chat.OrganizationPatch{HidesReading: &hide}); err != nil {
			return fmt.Errorf("organization %s: %w", o.ID, err)
		}
		return nil
	})
}

type orgActivityCmd struct {
	folder
	ID   string `arg:"" name:"id" help:"Id of the organization."`
	Show string `arg:"" enum:"on,off" help:"on, or off: nobody sees whether a member is online or types, and members do not see it of others."`
}

func (o *orgActivityCmd) Run(ctx context.Context, c *cli, _ streams) error {
	return o.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		hide := o.Show == "off"
		if _, err := svc.UpdateOrganization(ctx, chat.OrganizationID(o.ID), chat.OrganizationPatch{HidesActivity: &hide}); err != nil {
			return fmt.Errorf("organization %s: %w", o.ID, err)
		}
		return nil
	})
}

type orgRoleCmd struct {
	folder
	ID       string   `arg:"" name:"id" help:"Id of the organization."`
	Role     string   `arg:"" enum:"owner,administrator,member,guest" help:"owner, administrator, member or guest."`
	Accounts []string `arg:"" name:"account" help:"Ids of members."`
}

func (o *orgRoleCmd) Run(ctx context.Context, c *cli, _ streams) error {
	return o.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		for _, a := range o.Accounts {
			err := svc.SetOrganizationRole(ctx, chat.Actor{}, chat.OrganizationID(o.ID), chat.AccountID(a), chat.OrganizationRole(o.Role))
			if err != nil {
				return fmt.Errorf("organization %s: account %s: %w", o.ID, a, err)
			}
		}
		return nil
	})
}
