package admin

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// access describes the rights of the caller.
type access struct {
	Role         string        `json:"role,omitempty" enum:"owner,administrator" doc:"Role in the main organization; missing: a host system"`
	Owner        bool          `json:"owner" doc:"Has the rights of owners: can change owners, and applications that call the host API"`
	Organization *organization `json:"organization,omitempty" doc:"The main organization; missing: there is none"`
}

type overview struct {
	Active        int         `json:"active" doc:"Active accounts, with guests"`
	Inactive      int         `json:"inactive"`
	Guests        int         `json:"guests"`
	Admins        int         `json:"administrators" doc:"Owners and administrators"`
	Groups        int         `json:"groups" doc:"Groups that are not dissolved"`
	Online        int         `json:"online" doc:"Accounts that are connected. With several nodes it is the sum: an account that is connected to two nodes counts twice"`
	Connections   int         `json:"connections" doc:"Sockets of all nodes"`
	Nodes         int         `json:"nodes" doc:"Nodes that share the database"`
	PerNode       []node      `json:"perNode,omitempty" nullable:"false" doc:"The figures of each node; missing: the server is alone"`
	Waiting       int         `json:"waiting" doc:"Writes of all nodes that wait for the commit under way"`
	DatabaseBytes int64       `json:"databaseBytes,omitempty" doc:"Size of the database; missing: not known"`
	DiskFree      int64       `json:"diskFree,omitempty" doc:"Free bytes where the data folder is"`
	DiskTotal     int64       `json:"diskTotal,omitempty"`
	Files         *int64      `json:"files,omitempty" doc:"Stored files that people have uploaded, wherever they are stored; missing: not known"`
	FileBytes     *int64      `json:"fileBytes,omitempty" doc:"Their size"`
	Version       string      `json:"version"`
	StartedAt     int64       `json:"startedAt,omitempty"`
	Backup        *backup     `json:"backup,omitempty" doc:"The latest backup; missing: there is none, and none is configured"`
	Days          []day       `json:"days" nullable:"false" doc:"Oldest first; the last one is today"`
	Attention     []attention `json:"attention" nullable:"false" doc:"What an administrator should look at"`
}

// node has the figures of one node of several.
type node struct {
	ID          string `json:"id"`
	Address     string `json:"address,omitempty" doc:"At which other nodes reach it"`
	Version     string `json:"version"`
	Since       int64  `json:"since,omitempty" doc:"When it joined the others"`
	Answers     bool   `json:"answers" doc:"It is the node that has answered this request"`
	Online      *int   `json:"online,omitempty" doc:"Accounts that are connected to it; missing, as are the other figures: the node has not given them yet"`
	Connections *int   `json:"connections,omitempty" doc:"Its sockets"`
	Waiting     *int   `json:"waiting,omitempty" doc:"Its writes that wait for the commit under way"`
}

type backup struct {
	At       int64   `json:"at,omitempty" doc:"When the latest complete one without differences began; missing: there is none"`
	Seconds  float64 `json:"seconds,omitempty" doc:"How long it took"`
	Bytes    int64   `json:"bytes,omitempty" doc:"Size of everything in it"`
	Folder   string  `json:"folder,omitempty" doc:"On the server"`
	FailedAt int64   `json:"failedAt,omitempty" doc:"When a later one failed, or was found to have differences"`
	Failure  string  `json:"failure,omitempty" doc:"Its reason, in English"`
	Code     string  `json:"failureCode,omitempty" enum:"differences,disk-full,not-allowed,missing,storage-service,database,other" doc:"The kind of the reason. differences: the backup is complete, and its verification has found differences. disk-full: the disk of the backups or of the server. not-allowed: the server may not read or write a file or folder. missing: a file or folder is not there, or is no folder. storage-service: a file could not be copied from there. database: it could not be read"`
	Running  bool    `json:"running" doc:"One runs at this moment"`
}

type day struct {
	At       int64 `json:"at" doc:"The beginning of the day" example:"1767225600000"`
	Messages int   `json:"messages" doc:"Messages of people"`
	Files    int   `json:"files" doc:"Uploads whose files are still stored"`
	People   int   `json:"people" doc:"People who sent something"`
}

// attention is a matter that needs the attention of an administrator.
type attention struct {
	Kind   string `json:"kind" enum:"no-owner,one-owner,ownerless-groups,two-secrets,disk,backup,mail,versions" doc:"no-owner: nobody is an owner. one-owner: nobody can replace the only one. ownerless-groups: their creators are not active. two-secrets: a rotation of secrets is not finished. disk: less than a tenth is free. backup: the latest one has failed or has differences, or is overdue. mail: mails have waited for more than 15 minutes. versions: the nodes run different versions"`
	Count  int    `json:"count,omitempty" doc:"How many groups or mails"`
	Target string `json:"target,omitempty" doc:"The application, the failure of the backup, or the versions"`
}

func (a *api) overview() {
	add(a, endpoint.Operation{
		ID: "admin-access", Method: http.MethodGet, Path: prefix,
		Summary: "Get what the caller may do",
		Doc:     "403: the caller does not administer the server.",
	}, func(ctx context.Context, by chat.Actor, _ *struct{}) (*struct{ Body access }, error) {
		may, err := a.chat.AdminAccess(ctx, by)
		if err != nil {
			return nil, err
		}
		out := access{Role: string(may.Role), Owner: may.Owner}
		if may.Organization.ID != "" {
			out.Organization = &organization{may.Organization.ID, may.Organization.Name}
		}
		return &struct{ Body access }{out}, nil
	})

	add(a, endpoint.Operation{
		ID: "admin-overview", Method: http.MethodGet, Path: prefix + "/overview",
		Summary: "Get the figures of the server",
		Doc:     "Days are those of the server's time zone. With several nodes, online, connections and waiting are the sums of perNode. The figures of other nodes are a few seconds old at most.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Days int `query:"days" minimum:"1" maximum:"90" default:"30" doc:"How many days, with today"`
	},
	) (*struct{ Body overview }, error) {
		zone, _ := a.chat.Locale()
		o, err := a.chat.Overview(ctx, by, in.Days, zone)
		if err != nil {
			return nil, err
		}
		return &struct{ Body overview }{showOverview(o, a.opts.Status(ctx))}, nil
	})
}

func showOverview(o chat.Overview, s Status) overview {
	out := overview{
		Active: o.People.Active, Inactive: o.People.Inactive, Guests: o.People.Guests, Admins: o.People.Administrators, Groups: o.Groups.Open,
		Online: s.Online, Connections: s.Connections, Nodes: max(1, len(s.Nodes)), Waiting: s.Waiting,
		DatabaseBytes: s.DatabaseBytes, DiskFree: s.DiskFree, DiskTotal: s.DiskTotal,
		Version: s.Version, StartedAt: unixMilli(s.StartedAt), Days: []day{}, Attention: []attention{},
	}
	if f := s.Files; f != nil {
		out.Files, out.FileBytes = &f.Count, &f.Bytes
	}
	for _, d := range o.Days {
		out.Days = append(out.Days, day{d.Day.UnixMilli(), d.Messages, d.Uploads, d.People})
	}
	var versions []string
	for _, n := range s.Nodes {
		out.PerNode = append(out.PerNode, showNode(n))
		versions = append(versions, n.Version)
	}
	look := func(found bool, it attention) {
		if found {
			out.Attention = append(out.Attention, it)
		}
	}
	look(o.Owners == 0, attention{Kind: "no-owner"})
	look(o.Owners == 1, attention{Kind: "one-owner"})
	look(o.Groups.Ownerless > 0, attention{Kind: "ownerless-groups", Count: o.Groups.Ownerless})
	for _, app := range o.TwoSecrets {
		look(true, attention{Kind: "two-secrets", Target: string(app)})
	}
	if b := s.Backup; b != nil {
		out.Backup = showBackup(b)
		look(b.Late, attention{Kind: "backup", Target: b.Failure})
	}
	look(o.LateMail > 0, attention{Kind: "mail", Count: o.LateMail})
	slices.Sort(versions)
	versions = slices.Compact(versions)
	look(len(versions) > 1, attention{Kind: "versions", Target: strings.Join(versions, ", ")})
	look(s.DiskTotal > 0 && s.DiskFree < s.DiskTotal/10, attention{Kind: "disk"})
	return out
}

func showBackup(b *Backup) *backup {
	if b == nil {
		return nil
	}
	code := b.FailureCode
	if code == "" && !b.FailedAt.IsZero() { // an earlier version has noted it
		code = BackupOther
	}
	return &backup{unixMilli(b.At), b.Took.Seconds(), b.Bytes, b.Folder, unixMilli(b.FailedAt), b.Failure, code, b.Running}
}

func showNode(n Node) node {
	out := node{ID: n.ID, Address: n.Address, Version: n.Version, Since: unixMilli(n.Since), Answers: n.Here}
	if f := n.Figures; f != nil {
		out.Online, out.Connections, out.Waiting = &f.Online, &f.Connections, &f.Waiting
	}
	return out
}
