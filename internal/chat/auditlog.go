package chat

import (
	"context"
	"strings"
	"time"
)

// AuditTx is the part of [Tx] for the audit log. Entries are added and, when they are old
// enough, removed. Nothing changes one.
type AuditTx interface {
	AddAudit(AuditEntry) error
	Audit(AuditQuery) ([]AuditEntry, error) // newest first
	// PruneAudit removes at most limit of the entries from before the time, the oldest ones.
	PruneAudit(before time.Time, limit int) (int, error)
}

// AuditQuery selects entries of the audit log. A zero field is no restriction.
type AuditQuery struct {
	Since, Until time.Time
	Actor        AccountID
	App          AppID
	Kind         AuditKind // one that ends with a dot: all kinds with this prefix
	TargetType   AuditTargetType
	Target       string
	Before       AuditID // older than this entry: the next page
	Limit        int
}

// AuditSeen is an entry with the present names of the things that it refers to.
type AuditSeen struct {
	AuditEntry
	ActorName, AppName, TargetName string
	Operator                       bool              // a command of the operator made the entry
	Names                          map[string]string // of people, organizations and sessions in the detail, by id
}

// AuditLog returns a page of the audit log, newest first. Administrators only.
func (s *Service) AuditLog(ctx context.Context, by Actor, q AuditQuery) ([]AuditSeen, error) {
	return read(ctx, s.store.Search, func(tx Tx) ([]AuditSeen, error) {
		if _, err := administrator(tx, by); err != nil {
			return nil, err
		}
		return s.auditPage(tx, q)
	})
}

func (s *Service) auditPage(tx Tx, q AuditQuery) ([]AuditSeen, error) {
	q.Limit = s.page(q.Limit)
	entries, err := tx.Audit(q)
	if err != nil {
		return nil, err
	}
	all := make([]AuditSeen, len(entries))
	for i, e := range entries {
		all[i].AuditEntry, all[i].Operator = e, e.byOperator()
		if all[i].ActorName, err = nameOf(tx, TargetAccount, string(e.Actor)); err != nil {
			return nil, err
		}
		if all[i].AppName, err = nameOf(tx, TargetApplication, string(e.App)); err != nil {
			return nil, err
		}
		if all[i].TargetName, err = nameOf(tx, e.TargetType, e.Target); err != nil {
			return nil, err
		}
		if all[i].Names, err = detailNames(tx, e); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// detailNames returns the present names for the ids in the detail of an entry.
func detailNames(tx Tx, e AuditEntry) (map[string]string, error) {
	names := map[string]string{}
	look := func(kind AuditTargetType, ids ...string) error {
		for _, id := range ids {
			name, err := nameOf(tx, kind, id)
			if err != nil {
				return err
			}
			if name != "" {
				names[id] = name
			}
		}
		return nil
	}
	for key, value := range e.Detail {
		var err error
		switch key {
		case "accounts":
			err = look(TargetAccount, strings.Split(value, ",")...)
		case "account", "friend":
			err = look(TargetAccount, value)
		case "from", "to":
			if e.Kind == AuditGroupHandedOver {
				err = look(TargetAccount, value)
			}
		case "organization":
			err = look(TargetOrganization, value)
		case "session", "kept":
			var t Token
			if t, err = tx.TokenBySession(SessionID(value)); err == nil && t.Label != "" {
				names[value] = t.Label
			}
			err = or(err, nil)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	return names, nil
}

// nameOf returns the present name of a target, or the empty string if it no longer exists.
func nameOf(tx Tx, kind AuditTargetType, id string) (name string, err error) {
	if id == "" {
		return "", nil
	}
	switch kind {
	case TargetAccount:
		var a Account
		a, err = tx.Account(AccountID(id))
		name = a.Name
	case TargetGroup:
		var g Group
		g, err = tx.GroupHead(GroupID(id))
		name = g.Name
	case TargetOrganization:
		var o Organization
		o, err = tx.Organization(OrganizationID(id))
		name = o.Name
	case TargetApplication:
		var a Application
		a, err = tx.Application(AppID(id))
		name = a.Name
	}
	return name, or(err, nil)
}

// ExportAudit calls fn with each page of the selected entries, newest first, until the last page or
// an error of fn. It calls fn at least once. The export itself is recorded. Administrators only.
func (s *Service) ExportAudit(ctx context.Context, by Actor, q AuditQuery, fn func([]AuditSeen) error) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		if _, err := administrator(tx, by); err != nil {
			return err
		}
		return s.record(ctx, tx, AuditEntry{Kind: AuditExported, Actor: by.Account, App: by.App})
	})
	if err != nil {
		return err
	}
	q.Limit = s.opts.MaxPage
	for {
		// AuditLog checks the role again for every page, because an export may take long.
		page, err := s.AuditLog(ctx, by, q)
		if err != nil {
			return err
		}
		if len(page) > 0 || q.Before == 0 {
			if err := fn(page); err != nil {
				return err
			}
		}
		if len(page) < q.Limit {
			return nil
		}
		q.Before = page[len(page)-1].ID
	}
}

// auditPiece is the number of entries that one transaction removes. It is small, so that other writes
// do not wait long.
const auditPiece = 500

// PruneAudit removes the entries that are older than keep, in small transactions, and returns their
// number. The server calls it regularly.
func (s *Service) PruneAudit(ctx context.Context, keep time.Duration) (removed int, err error) {
	before := s.now().Add(-keep)
	for {
		n, err := update(ctx, s, func(tx Tx) (int, error) { return tx.PruneAudit(before, auditPiece) })
		removed += n
		if err != nil || n < auditPiece {
			return removed, err
		}
	}
}
