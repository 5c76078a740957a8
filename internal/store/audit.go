package store

import (
	"encoding/json"
	"strings"
	"time"

	"parley/internal/chat"
)

const auditColumns = "id, at, kind, actor, app, session, address, agent, request, target_type, target, detail"

func readAudit(scan scanFunc) (e chat.AuditEntry, err error) {
	var detail string
	err = scan(&e.ID, when{&e.At}, &e.Kind, &e.Actor, &e.App, &e.Session, &e.Address, &e.Agent, &e.Request, &e.TargetType, &e.Target, &detail)
	if err == nil && detail != "" {
		err = json.Unmarshal([]byte(detail), &e.Detail)
	}
	return e, err
}

// auditIDs is the number of ids in a millisecond. The id of an entry contains its time, so no id is used
// twice although old entries are removed, and entries are found by time without another index.
const auditIDs = 1000

// AddAudit gives an entry the next id that is not before its time.
func (t *tx) AddAudit(e chat.AuditEntry) error {
	detail := ""
	if len(e.Detail) > 0 {
		text, err := json.Marshal(e.Detail)
		if err != nil {
			return err
		}
		detail = string(text)
	}
	last, err := t.int("SELECT COALESCE(MAX(id), 0) FROM audit")
	if err != nil {
		return err
	}
	id := max(last+1, millis(e.At)*auditIDs)
	_, err = t.exec("INSERT INTO audit ("+auditColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		id, millis(e.At), string(e.Kind), string(e.Actor), string(e.App), string(e.Session), e.Address, e.Agent, e.Request,
		string(e.TargetType), e.Target, detail)
	return err
}

func (t *tx) Audit(q chat.AuditQuery) ([]chat.AuditEntry, error) {
	query, args := "SELECT "+auditColumns+" FROM audit WHERE 1 = 1", []any(nil)
	where := func(set bool, condition string, values ...any) {
		if set {
			query += " AND " + condition
			args = append(args, values...)
		}
	}
	where(q.Before > 0, "id < ?", int64(q.Before))
	where(!q.Since.IsZero(), "id >= ?", millis(q.Since)*auditIDs)
	where(!q.Until.IsZero(), "id < ?", millis(q.Until)*auditIDs)
	where(q.Actor != "", "actor = ? AND actor <> ''", string(q.Actor))
	where(q.App != "", "app = ? AND app <> ''", string(q.App))
	where(q.TargetType != "", "target_type = ?", string(q.TargetType))
	where(q.Target != "", "target = ? AND target <> ''", q.Target)
	if first, all := strings.CutSuffix(string(q.Kind), "."); all {
		where(true, "kind >= ? AND kind < ?", first+".", first+"/") // '/' is the character after the dot
	} else {
		where(q.Kind != "", "kind = ?", string(q.Kind))
	}
	return list(t, readAudit, query+" ORDER BY id DESC"+limited, append(args, q.Limit)...)
}

func (t *tx) PruneAudit(before time.Time, limit int) (int, error) {
	n, err := t.exec("DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id < ? ORDER BY id"+limited+")",
		millis(before)*auditIDs, limit)
	return int(n), err
}
