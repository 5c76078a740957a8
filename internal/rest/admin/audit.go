package admin

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// entry is an entry of the audit log.
type entry struct {
	ID         string            `json:"id" doc:"Later entries have higher numbers"`
	At         int64             `json:"at" doc:"Unix milliseconds" example:"1767225600000"`
	Kind       string            `json:"kind" doc:"What happened; see docs/administration.md" example:"role.changed"`
	Actor      string            `json:"actor,omitempty" doc:"Id of the person; missing: a host system, the operator, or nobody known"`
	ActorName  string            `json:"actorName,omitempty"`
	Operator   bool              `json:"operator,omitempty" doc:"true: the operator of the server acted, with a command; agent has its name"`
	App        string            `json:"app,omitempty" doc:"Id of the application that was used, or of the host system"`
	AppName    string            `json:"appName,omitempty"`
	Session    string            `json:"session,omitempty"`
	Address    string            `json:"address,omitempty" doc:"Network address of the client" example:"192.0.2.7"`
	Agent      string            `json:"agent,omitempty" doc:"User-Agent of the client"`
	Request    string            `json:"request,omitempty" doc:"X-Request-Id of the request"`
	TargetType string            `json:"targetType,omitempty" enum:"account,group,organization,application,invitation,setting"`
	Target     string            `json:"target,omitempty" doc:"Id of the changed thing"`
	TargetName string            `json:"targetName,omitempty"`
	Detail     map[string]string `json:"detail,omitempty" doc:"Such as the old and the new role. Never the text of a message or a secret"`
	Names      map[string]string `json:"names,omitempty" doc:"Present names of people, organizations and devices whose ids are in detail"`
}

func showEntry(e chat.AuditSeen) entry {
	return entry{
		ID: strconv.FormatInt(int64(e.ID), 10), At: e.At.UnixMilli(), Kind: string(e.Kind),
		Actor: string(e.Actor), ActorName: e.ActorName, Operator: e.Operator, App: string(e.App), AppName: e.AppName, Session: string(e.Session),
		Address: e.Address, Agent: e.Agent, Request: e.Request,
		TargetType: string(e.TargetType), Target: e.Target, TargetName: e.TargetName, Detail: e.Detail, Names: e.Names,
	}
}

// Filter selects entries.
type Filter struct {
	Since      int64  `query:"since" minimum:"0" doc:"From this time on, in Unix milliseconds"`
	Until      int64  `query:"until" minimum:"0" doc:"Before this time, in Unix milliseconds"`
	Kind       string `query:"kind" maxLength:"64" doc:"A kind, such as sign-in, or a prefix that ends with a dot, such as group."`
	Actor      string `query:"actor" maxLength:"128" doc:"Id of the person who acted"`
	App        string `query:"application" maxLength:"128" doc:"Id of the application"`
	TargetType string `query:"targetType" enum:"account,group,organization,application,invitation,setting"`
	Target     string `query:"target" maxLength:"128" doc:"Id of the changed thing"`
}

func (f Filter) query() (chat.AuditQuery, error) {
	if f.Kind != "" && !chat.KnownAuditKind(chat.AuditKind(f.Kind)) {
		return chat.AuditQuery{}, chat.Invalid("kind", "is not a kind of entry, and no kind begins with it")
	}
	return chat.AuditQuery{
		Since: fromMilli(f.Since), Until: fromMilli(f.Until),
		Kind: chat.AuditKind(f.Kind), Actor: chat.AccountID(f.Actor), App: chat.AppID(f.App),
		TargetType: chat.AuditTargetType(f.TargetType), Target: f.Target,
	}, nil
}

func (a *api) audit() {
	add(a, endpoint.Operation{
		ID: "admin-list-audit", Method: http.MethodGet, Path: prefix + "/audit",
		Summary: "Read the audit log",
		Doc:     "Newest first. It has sign-ins and refusals, changes by administrators and by the host API, changes of groups, and exports. Entries cannot be changed, and are removed after the option audit.keep.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Page
		Filter
	},
	) (*pageBody[entry], error) {
		q, err := in.query()
		if err != nil {
			return nil, err
		}
		q.Limit = in.Limit + 1
		if in.Next != "" {
			before, err := strconv.ParseInt(in.Next, 10, 64)
			if err != nil || before < 1 {
				return nil, chat.Invalid("next", "is not the end of a page")
			}
			q.Before = chat.AuditID(before)
		}
		rows, err := a.chat.AuditLog(ctx, by, q)
		if err != nil {
			return nil, err
		}
		more := len(rows) > in.Limit
		return pageOf(rows[:min(len(rows), in.Limit)], more, showEntry, func(e chat.AuditSeen) string {
			return strconv.FormatInt(int64(e.ID), 10)
		}), nil
	})

	add(a, endpoint.Operation{
		ID: "admin-export-audit", Method: http.MethodGet, Path: prefix + "/audit/export",
		Summary: "Export the audit log",
		Doc: "All selected entries, newest first, as CSV (text/csv) or as a JSON object in each line (application/jsonl). The export is an entry itself. " +
			"In CSV, a text that begins with =, +, -, @ or a tab has an apostrophe before it, so that a spreadsheet does not run it.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Filter
		Format string `query:"format" enum:"csv,jsonl" default:"csv"`
	},
	) (*huma.StreamResponse, error) {
		if err := a.chat.MayAdminister(ctx, by); err != nil {
			return nil, err
		}
		q, err := in.query()
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(out huma.Context) { a.export(out, by, q, in.Format) }}, nil
	})
}

// export streams the entries. It runs without the deadline of the request, which is meant for short
// answers.
func (a *api) export(out huma.Context, by chat.Actor, q chat.AuditQuery, format string) {
	ctx := context.WithoutCancel(out.Context())
	kind, name := "text/csv; charset=utf-8", "audit.csv"
	if format == "jsonl" {
		kind, name = "application/jsonl", "audit.jsonl"
	}
	out.SetHeader("Content-Type", kind)
	out.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
	write := asCSV(out.BodyWriter())
	if format == "jsonl" {
		write = asLines(out.BodyWriter())
	}
	err := a.chat.ExportAudit(ctx, by, q, func(page []chat.AuditSeen) error {
		if err := write(page); err != nil {
			return err
		}
		if f, ok := out.BodyWriter().(http.Flusher); ok {
			f.Flush()
		}
		return nil
	})
	if err != nil {
		// The status has been sent. A connection that breaks tells the client that entries are missing.
		a.router.Logger.WarnContext(ctx, "an export of the audit log was not completed", "error", err)
		panic(http.ErrAbortHandler)
	}
}

func asLines(w io.Writer) func([]chat.AuditSeen) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return func(page []chat.AuditSeen) error {
		for _, e := range page {
			if err := enc.Encode(showEntry(e)); err != nil {
				return err
			}
		}
		return nil
	}
}

var columns = []string{
	"id", "time", "kind", "actor", "actorName", "operator", "app", "appName", "session", "address", "agent", "request", "targetType", "target", "targetName", "detail",
}

func asCSV(w io.Writer) func([]chat.AuditSeen) error {
	out := csv.NewWriter(w)
	header := false
	return func(page []chat.AuditSeen) error {
		if !header {
			header = true
			if err := out.Write(columns); err != nil {
				return err
			}
		}
		for _, seen := range page {
			e, operator := showEntry(seen), ""
			if e.Operator {
				operator = "true"
			}
			row := []string{
				e.ID, seen.At.UTC().Format(time.RFC3339), e.Kind, e.Actor, e.ActorName, operator, e.App, e.AppName, e.Session, e.Address,
				e.Agent, e.Request, e.TargetType, e.Target, e.TargetName, details(e.Detail),
			}
			for i := range row {
				row[i] = harmless(row[i])
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	}
}

func details(all map[string]string) string {
	parts := make([]string, 0, len(all))
	for _, key := range slices.Sorted(maps.Keys(all)) {
		parts = append(parts, key+"="+all[key])
	}
	return strings.Join(parts, "; ")
}

// harmless keeps a spreadsheet from running a text as a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
