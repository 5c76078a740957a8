package admin

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// retentionRule says for how many days messages of an organization or a group are kept.
type retentionRule struct {
	Scope string `json:"scope" enum:"organization,group" doc:"What the rule is for"`
	ID    string `json:"id" doc:"Id of the organization or the group"`
	Name  string `json:"name" doc:"Its name"`
	Days  int    `json:"days" doc:"Older messages are removed, with their files; 0: none is" example:"365"`
	SetAt int64  `json:"setAt" doc:"Unix milliseconds" example:"1767225600000"`
}

func showRule(r chat.RetentionRule) retentionRule {
	return retentionRule{string(r.Scope), r.ID, r.Name, r.Days, unixMilli(r.SetAt)}
}

// retentionRun is how far the removal of old messages is.
type retentionRun struct {
	Running  bool    `json:"running" doc:"It has begun and not ended"`
	BeganAt  int64   `json:"beganAt,omitempty" doc:"Missing: there was none"`
	EndedAt  int64   `json:"endedAt,omitempty" doc:"When the latest one ended"`
	Progress float64 `json:"progress" doc:"Of a running one, from 0 to 1"`
	Messages int64   `json:"messages" doc:"That it has removed"`
	Files    int64   `json:"files" doc:"Stored files that no other message names. They are removed a moment later"`
	Bytes    int64   `json:"bytes" doc:"Their size"`
}

// retention has the rules, the removal and the backups.
type retention struct {
	Organizations []organization  `json:"organizations" nullable:"false" doc:"Those for which there can be a rule; at most a hundred"`
	Rules         []retentionRule `json:"rules" nullable:"false" doc:"Of organizations, then of groups"`
	Run           retentionRun    `json:"run" doc:"The removal of old messages"`
	Backup        *backup         `json:"backup,omitempty" doc:"The latest backup; missing: there is none, and none is configured"`
	Backups       []keptBackup    `json:"backups" nullable:"false" doc:"The backups in the folder of the option backup.folder, the latest first"`
}

// keptBackup is a complete backup.
type keptBackup struct {
	At          int64   `json:"at" doc:"When it began" example:"1767225600000"`
	Seconds     float64 `json:"seconds" doc:"How long it took"`
	Bytes       int64   `json:"bytes" doc:"Size of everything in it"`
	Files       int     `json:"files" doc:"Files in it"`
	Differences int     `json:"differences" doc:"That its verification has found"`
}

// retentionPreview is what would be removed.
type retentionPreview struct {
	Chats    int64 `json:"chats"`
	Messages int64 `json:"messages"`
	Files    int64 `json:"files" doc:"Files that no other message names"`
	Bytes    int64 `json:"bytes" doc:"Their size"`
	OldestAt int64 `json:"oldestAt,omitempty" doc:"Time of the oldest of the messages; missing: there is none"`

	Progress float64             `json:"progress" doc:"How far the preview is with this part, from 0 to 1"`
	Next     chat.ConversationID `json:"next,omitempty" doc:"For the parameter after of the next part; missing: this was the last part"`
}

// InOrganization names the organization of a path.
type InOrganization struct {
	Organization chat.OrganizationID `path:"organization" maxLength:"128" doc:"Id of the organization"`
}

func (in *InOrganization) rule(days int) chat.RetentionRule {
	return chat.RetentionRule{Scope: chat.RetentionOrganization, ID: string(in.Organization), Days: days}
}

func (in *InGroup) rule(days int) chat.RetentionRule {
	return chat.RetentionRule{Scope: chat.RetentionGroup, ID: string(in.Group), Days: days}
}

// RuleChange is a new rule.
type RuleChange struct {
	Body struct {
		Days int `json:"days" minimum:"0" maximum:"36500" doc:"Number of days; 0: for ever" example:"365"`
	} `nameHint:"AdminRetentionChange"`
}

// RuleQuery is a rule to try.
type RuleQuery struct {
	Days  int                 `query:"days" minimum:"0" maximum:"36500" default:"0" doc:"Number of days; 0: for ever" example:"365"`
	After chat.ConversationID `query:"after" minimum:"0" doc:"The next of the part before; missing: the first part"`
}

type (
	setOrganizationRule struct {
		InOrganization
		RuleChange
	}
	setGroupRule struct {
		InGroup
		RuleChange
	}
	tryOrganizationRule struct {
		InOrganization
		RuleQuery
	}
	tryGroupRule struct {
		InGroup
		RuleQuery
	}
)

func (a *api) retention() {
	add(a, endpoint.Operation{
		ID: "admin-retention", Method: http.MethodGet, Path: prefix + "/retention",
		Summary: "Get for how long messages are kept",
		Doc: "The rules of organizations and groups, how far the removal of old messages is, and the backups. The rule of a group is the one for it. A group without one follows those of the organizations of its creator, " +
			"and a chat between two people those of the organizations that both are in. Of several, the longest counts.",
	}, func(ctx context.Context, by chat.Actor, _ *struct{}) (*struct{ Body retention }, error) {
		rules, run, err := a.chat.Retention(ctx, by)
		if err != nil {
			return nil, err
		}
		out := retention{Organizations: []organization{}, Rules: []retentionRule{}, Backups: []keptBackup{}, Run: retentionRun{
			Running: run.Runs(), BeganAt: unixMilli(run.Began), EndedAt: unixMilli(run.Ended), Messages: run.Messages, Files: run.Files, Bytes: run.Bytes,
		}}
		if run.Runs() && run.Conversations > 0 {
			out.Run.Progress = min(float64(run.Done)/float64(run.Conversations), 1)
		}
		organizations, err := a.chat.RetentionOrganizations(ctx, by)
		if err != nil {
			return nil, err
		}
		for _, o := range organizations {
			out.Organizations = append(out.Organizations, organization{o.ID, o.Name})
		}
		for _, r := range rules {
			out.Rules = append(out.Rules, showRule(r))
		}
		out.Backup = showBackup(a.opts.Status(ctx).Backup)
		for _, b := range a.opts.Backups(ctx) {
			out.Backups = append(out.Backups, keptBackup{unixMilli(b.At), b.Took.Seconds(), b.Bytes, b.Files, b.Differences})
		}
		return &struct{ Body retention }{out}, nil
	})

	addRule(a, prefix+"/organizations/{organization}/retention", "organization",
		func(in *setOrganizationRule) chat.RetentionRule { return in.rule(in.Body.Days) },
		func(in *InOrganization) chat.RetentionRule { return in.rule(chat.NoRetention) },
		func(in *tryOrganizationRule) (chat.RetentionRule, chat.ConversationID) {
			return in.rule(in.Days), in.After
		})
	addRule(a, prefix+"/groups/{group}/retention", "group",
		func(in *setGroupRule) chat.RetentionRule { return in.rule(in.Body.Days) },
		func(in *InGroup) chat.RetentionRule { return in.rule(chat.NoRetention) },
		func(in *tryGroupRule) (chat.RetentionRule, chat.ConversationID) { return in.rule(in.Days), in.After })
}

// addRule registers the operations of the rule of an organization or of a group.
func addRule[Set, Remove, Try any](a *api, path, of string, set func(*Set) chat.RetentionRule, remove func(*Remove) chat.RetentionRule, try func(*Try) (chat.RetentionRule, chat.ConversationID)) {
	add(a, endpoint.Operation{
		ID: "admin-set-" + of + "-retention", Method: http.MethodPut, Path: path, Errors: []int{404},
		Summary: "Set for how long messages of the " + of + " are kept",
		Doc:     "Messages that the rule no longer keeps are removed within the hour. They cannot be restored, except from a backup. Needs a recent sign-in of the caller.",
	}, func(ctx context.Context, by chat.Actor, in *Set) (*struct{ Body retentionRule }, error) {
		r, err := a.chat.SetRetention(ctx, by, set(in))
		if err != nil {
			return nil, err
		}
		return &struct{ Body retentionRule }{showRule(r)}, nil
	})

	add(a, endpoint.Operation{
		ID: "admin-remove-" + of + "-retention", Method: http.MethodDelete, Path: path, Errors: []int{404},
		Summary: "Remove the rule of retention of the " + of,
		Doc:     "No change if there is none. Needs a recent sign-in of the caller.",
	}, func(ctx context.Context, by chat.Actor, in *Remove) (*nothing, error) {
		_, err := a.chat.SetRetention(ctx, by, remove(in))
		return nil, err
	})

	add(a, endpoint.Operation{
		ID: "admin-preview-" + of + "-retention", Method: http.MethodGet, Path: path + "/preview", Errors: []int{404},
		Summary: "Say what a rule of the " + of + " would remove",
		Doc: "Everything that would be removed if the rule was set, together with what the other rules remove. Nothing is changed. " +
			"An answer has the figures of one part of the chats, so that it does not take long: add up those of all parts.",
	}, func(ctx context.Context, by chat.Actor, in *Try) (*struct{ Body retentionPreview }, error) {
		rule, after := try(in)
		p, err := a.chat.PreviewRetentionPart(ctx, by, &rule, after, chat.PreviewMost)
		if err != nil {
			return nil, err
		}
		out := retentionPreview{p.Chats, p.Messages, p.Files, p.Bytes, unixMilli(p.Oldest), 1, p.Next}
		if p.Next != 0 {
			out.Progress = min(float64(p.Next)/float64(max(p.Last, 1)), 1)
		}
		return &struct{ Body retentionPreview }{out}, nil
	})
}
