package chat

import (
	"context"
	"errors"
	"maps"
	"slices"
)

// ImportRow is one person of an import. Fields that are nil are unchanged.
type ImportRow struct {
	Line                     int // of the file, for the result
	ID                       AccountID
	Name, Email              *string
	Title, Department, Phone *string
	Language, TimeZone       *string
	Active                   *bool
	Role                     *OrganizationRole
	Problem                  error // of the file; the row is refused
}

// ImportAction is what an import does with a row.
type ImportAction string

// The actions.
const (
	ImportCreate    ImportAction = "create"
	ImportUpdate    ImportAction = "update"
	ImportUnchanged ImportAction = "unchanged"
	ImportRefuse    ImportAction = "refuse"
)

// ImportResult is what an import does, or has done, with a row.
type ImportResult struct {
	Line    int
	Action  ImportAction
	Account AccountID // empty in a preview: the account will be created
	Name    string
	Email   string
	Changes []string // the fields of an update
	Problem error    // of a refusal; an [*InvalidError] has a code

	Role, OldRole OrganizationRole // Role: of a new person, or the new one if it changes. OldRole: the one before the change; empty: none
	Active        *bool            // the new state if it changes
}

// Imported is what an import has done or, without Applied, would do.
type Imported struct {
	Applied bool
	Rows    []ImportResult
}

// maxImport is the maximum number of rows of an import.
const maxImport = 30_000

// importPiece is the number of rows in one transaction, and previewPiece that of a preview, which blocks nobody.
const (
	importPiece  = 100
	previewPiece = 1000
)

// ImportPeople creates and changes people. A row names a person by id or, without an id, by e-mail
// address, so the second import of the same rows changes nothing. Without apply the result is a
// preview. A refused row does not stop the others. The rules are those of
// [Service.AdminCreatePerson] and [Service.AdminUpdatePerson], and the caller's own role does not change. If the caller
// may not administer any more, the rows that are left are refused.
//
// The rows are imported in several transactions. The last one stores the answer for a
// [ReplayMark]; a repetition before that finds the rows of the earlier ones unchanged.
func (s *Service) ImportPeople(ctx context.Context, by Actor, rows []ImportRow, apply bool) (Imported, error) {
	if len(rows) > maxImport {
		return Imported{}, invalidNumber("rows", ReasonManyRows, "most", maxImport, "must be at most %d")
	}
	if err := s.MayAdminister(ctx, by); err != nil {
		return Imported{}, err
	}
	rows = refuseRepeated(rows)
	out := Imported{Applied: apply}
	each, planned := withoutReplay(ctx), &planned{}
	size := previewPiece
	if apply {
		size = importPiece
	}
	for piece := range slices.Chunk(rows, size) {
		results, err := s.importPiece(each, by, piece, apply, planned)
		out.Rows = append(out.Rows, results...)
		if done := len(out.Rows); err != nil && apply && done > 0 && mayNot(err) {
			// The rows before are imported, so the caller gets a result for each of them.
			for _, r := range rows[done:] {
				out.Rows = append(out.Rows, refusedRow(r, err))
			}
			return out, nil
		}
		if err != nil {
			return Imported{}, err
		}
	}
	if !apply || !hasReplay(ctx) {
		return out, nil
	}
	return update(s.administering(ctx, by, nil), s, func(Tx) (Imported, error) { return out, nil })
}

// refuseRepeated refuses rows that name the same person as an earlier row.
func refuseRepeated(rows []ImportRow) []ImportRow {
	rows = slices.Clone(rows)
	seen := make(map[string]bool, len(rows))
	for i := range rows {
		r := &rows[i]
		keys := []string{}
		if r.ID != "" {
			keys = append(keys, "id "+string(r.ID))
		}
		if r.Email != nil && *r.Email != "" {
			keys = append(keys, "email "+EmailKey(*r.Email))
		}
		for i, key := range keys {
			switch {
			case !seen[key] || r.Problem != nil:
			case i > 0:
				r.Problem = invalidFor("email", ReasonRepeated, "is that of an earlier line")
			default:
				r.Problem = invalidFor("line", ReasonRepeated, "names the same person as an earlier line")
			}
			seen[key] = true
		}
	}
	return rows
}

func (s *Service) importPiece(ctx context.Context, by Actor, rows []ImportRow, apply bool, before *planned) ([]ImportResult, error) {
	if !apply {
		var after *planned
		results, err := view(ctx, s, func(tx Tx) ([]ImportResult, error) {
			who, err := administrator(tx, by)
			if err != nil {
				return nil, err
			}
			seen := plannedTx{tx, who.main, before.clone()} // this may run more than once
			results, err := s.planAll(ctx, seen, who, rows)
			after = seen.planned
			return results, err
		})
		if err == nil {
			*before = *after
		}
		return results, err
	}
	ctx = s.administering(ctx, by, nil)
	results, err := update(ctx, s, func(tx Tx) ([]ImportResult, error) {
		who, err := administrator(tx, by)
		if err != nil {
			return nil, err
		}
		results := make([]ImportResult, len(rows))
		for i, r := range rows { // each row sees the changes of the rows before it
			plan, err := s.plan(ctx, tx, who, r)
			if err != nil {
				return nil, err
			}
			results[i] = plan.ImportResult
			if results[i].Account, err = s.carryOut(ctx, tx, who, plan); err != nil {
				return nil, err
			}
		}
		return results, nil
	})
	if !isRefusal(err) {
		return results, err
	}
	if len(rows) > 1 {
		// The transaction was rolled back. Each row gets its own, so that only the refused one fails.
		var all []ImportResult
		for i := range rows {
			one, err := s.importPiece(ctx, by, rows[i:i+1], true, nil)
			if err != nil {
				return all, err
			}
			all = append(all, one...)
		}
		return all, nil
	}
	if again := s.MayAdminister(ctx, by); again != nil {
		return nil, again
	}
	return []ImportResult{refusedRow(rows[0], withCode(err))}, nil
}

func refusedRow(row ImportRow, problem error) ImportResult {
	r := ImportResult{Line: row.Line, Action: ImportRefuse, Account: row.ID, Problem: problem}
	setIf(&r.Name, row.Name)
	setIf(&r.Email, row.Email)
	return r
}

// mayNot reports whether the error says that the caller does not administer the server.
func mayNot(err error) bool {
	scope := new(ScopeError)
	return errors.Is(err, ErrForbidden) || errors.As(err, &scope)
}

func isRefusal(err error) bool {
	var refusal Error
	return isInvalid(err) || errors.As(err, &refusal) && refusal != ErrTooManyRequests
}

// planAll plans rows without changing anything. Each row sees what the rows before it would do.
func (s *Service) planAll(ctx context.Context, tx plannedTx, who admin, rows []ImportRow) ([]ImportResult, error) {
	results := make([]ImportResult, len(rows))
	for i, r := range rows {
		plan, err := s.plan(ctx, tx, who, r)
		if err != nil {
			return nil, err
		}
		results[i] = plan.ImportResult
		if err := tx.note(plan); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// planned has the people that the earlier rows of a preview would create or change.
type planned struct {
	people map[AccountID]PersonRow
	emails map[string][]AccountID // who has, or had, the address, by [EmailKey]
}

func (p *planned) clone() *planned {
	c := &planned{maps.Clone(p.people), maps.Clone(p.emails)}
	if c.people == nil {
		c.people, c.emails = make(map[AccountID]PersonRow), make(map[string][]AccountID)
	}
	return c
}

func (p *planned) add(r PersonRow) {
	p.people[r.ID] = r
	if key := EmailKey(r.Email); r.Email != "" && !slices.Contains(p.emails[key], r.ID) {
		p.emails[key] = append(slices.Clip(p.emails[key]), r.ID)
	}
}

// plannedTx reads as if the rows before had been imported.
type plannedTx struct {
	Tx
	main    OrganizationID // that the roles are in
	planned *planned
}

// note adds what a plan would do.
func (t plannedTx) note(p importPlan) error {
	switch p.Action {
	case ImportCreate:
		t.planned.add(PersonRow{p.person.Account, p.person.Detail, p.person.Role})
	case ImportUpdate:
		var now PersonRow
		var err error
		if now.Account, err = t.Account(p.Account); err != nil {
			return err
		}
		if now.Detail, err = t.AccountDetail(p.Account); or(err, nil) != nil {
			return err
		}
		if now.Role, err = roleIn(t, t.main, p.Account); err != nil {
			return err
		}
		setIf(&now.Name, p.patch.Name)
		setIf(&now.Email, p.patch.Email)
		setIf(&now.Active, p.patch.Active)
		setIf(&now.Language, p.patch.Language)
		setIf(&now.TimeZone, p.patch.TimeZone)
		setIf(&now.Title, p.patch.Title)
		setIf(&now.Department, p.patch.Department)
		setIf(&now.Phone, p.patch.Phone)
		setIf(&now.Role, p.patch.Role)
		t.planned.add(now)
	}
	return nil
}

func (t plannedTx) Account(id AccountID) (Account, error) {
	if p, ok := t.planned.people[id]; ok {
		return p.Account, nil
	}
	return t.Tx.Account(id)
}

func (t plannedTx) AccountDetail(id AccountID) (Detail, error) {
	if p, ok := t.planned.people[id]; ok {
		return p.Detail, nil
	}
	return t.Tx.AccountDetail(id)
}

func (t plannedTx) AccountsByEmail(email string) ([]Account, error) {
	all, err := t.Tx.AccountsByEmail(email)
	all = slices.DeleteFunc(slices.Clone(all), func(a Account) bool {
		_, ok := t.planned.people[a.ID]
		return ok
	})
	for _, id := range t.planned.emails[EmailKey(email)] {
		if p := t.planned.people[id]; EmailKey(p.Email) == EmailKey(email) {
			all = append(all, p.Account)
		}
	}
	return all, err
}

func (t plannedTx) OrganizationRole(id OrganizationID, a AccountID) (OrganizationRole, error) {
	if p, ok := t.planned.people[a]; ok && id == t.main && p.Role != "" {
		return p.Role, nil
	}
	return t.Tx.OrganizationRole(id, a)
}

func (t plannedTx) RolesOf(a AccountID) (map[OrganizationID]OrganizationRole, error) {
	roles, err := t.Tx.RolesOf(a)
	if p, ok := t.planned.people[a]; ok && err == nil && p.Role != "" {
		roles = maps.Clone(roles)
		if roles == nil {
			roles = map[OrganizationID]OrganizationRole{}
		}
		roles[t.main] = p.Role
	}
	return roles, err
}

func (t plannedTx) Owners(id OrganizationID) ([]AccountID, error) {
	owners, err := t.Tx.Owners(id)
	if id != t.main {
		return slices.DeleteFunc(slices.Clone(owners), func(a AccountID) bool {
			p, ok := t.planned.people[a]
			return ok && !p.Active
		}), err
	}
	owners = slices.DeleteFunc(slices.Clone(owners), func(a AccountID) bool {
		_, ok := t.planned.people[a]
		return ok
	})
	for a, p := range t.planned.people {
		if p.Active && p.Role == OrganizationOwner {
			owners = append(owners, a)
		}
	}
	return owners, err
}

// importPlan is the planned change of a row.
type importPlan struct {
	ImportResult
	person NewPerson   // to create
	patch  PersonPatch // to update
}

// plan decides what to do with a row. A refusal is part of the plan and not an error.
func (s *Service) plan(ctx context.Context, tx Tx, who admin, r ImportRow) (importPlan, error) {
	p := importPlan{ImportResult: ImportResult{Line: r.Line, Account: r.ID}}
	setIf(&p.Name, r.Name)
	setIf(&p.Email, r.Email)
	err := r.Problem
	if err == nil {
		err = s.planRow(ctx, tx, who, r, &p)
	}
	if isRefusal(err) {
		p.Action, p.Problem = ImportRefuse, withCode(err)
		return p, nil
	}
	return p, err
}

// withCode gives a refusal the code of its reason if it has none.
func withCode(err error) error {
	invalid, ok := errors.AsType[*InvalidError](err)
	if !ok || invalid.Code != "" {
		return err
	}
	coded := *invalid
	coded.Code = ReasonForm
	return &coded
}

func (s *Service) planRow(ctx context.Context, tx Tx, who admin, r ImportRow, p *importPlan) error {
	if r.Role != nil {
		if err := checkRole(*r.Role); err != nil {
			return err
		}
	}
	old, found, err := personOf(tx, r)
	if err != nil {
		return err
	}
	if !found {
		return s.planCreation(ctx, tx, who, r, p)
	}
	p.Account = old.ID
	if r.Name == nil {
		p.Name = old.Name
	}
	if r.Email == nil {
		p.Email = old.Email
	}
	return s.planUpdate(ctx, tx, who, old, r, p)
}

// personOf returns the account that a row names.
func personOf(tx Tx, r ImportRow) (Account, bool, error) {
	if r.ID != "" {
		a, err := tx.Account(r.ID)
		if errors.Is(err, ErrNoRow) {
			return Account{}, false, nil
		}
		return a, err == nil, err
	}
	if r.Email == nil || *r.Email == "" {
		return Account{}, false, invalidFor("email", ReasonRequired, "or an id is required")
	}
	email, err := cleanEmail("email", *r.Email)
	if err != nil {
		return Account{}, false, err
	}
	accounts, err := tx.AccountsByEmail(email)
	switch {
	case err != nil:
		return Account{}, false, err
	case len(accounts) > 1:
		return Account{}, false, invalidFor("email", ReasonSeveralAccounts, "is that of several accounts: give the id")
	case len(accounts) == 0:
		return Account{}, false, nil
	}
	return accounts[0], true, nil
}

func (s *Service) planCreation(ctx context.Context, tx Tx, who admin, r ImportRow, p *importPlan) error {
	p.Action = ImportCreate
	p.person = NewPerson{Account: Account{ID: r.ID, Active: true}, Role: OrganizationMember}
	n := &p.person
	setDefault(&n.ID, AccountID(newID()))
	setIf(&n.Name, r.Name)
	setIf(&n.Email, r.Email)
	setIf(&n.Title, r.Title)
	setIf(&n.Department, r.Department)
	setIf(&n.Phone, r.Phone)
	setIf(&n.Language, r.Language)
	setIf(&n.TimeZone, r.TimeZone)
	setIf(&n.Role, r.Role)
	p.Role = n.Role
	if r.Active != nil && !*r.Active {
		return invalidFor("active", ReasonNewInactive, "must not be false for a new person")
	}
	if err := s.checkPerson(n); err != nil {
		return err
	}
	return s.mayCreate(ctx, tx, who, *n)
}

func (s *Service) planUpdate(ctx context.Context, tx Tx, who admin, old Account, r ImportRow, p *importPlan) error {
	detail, err := tx.AccountDetail(old.ID)
	if or(err, nil) != nil {
		return err
	}
	role, err := roleIn(tx, who.main, old.ID)
	if err != nil {
		return err
	}
	a, d := old, detail
	setIf(&a.Name, r.Name)
	setIf(&a.Email, r.Email)
	setIf(&a.Active, r.Active)
	setIf(&a.Language, r.Language)
	setIf(&a.TimeZone, r.TimeZone)
	setIf(&d.Title, r.Title)
	setIf(&d.Department, r.Department)
	setIf(&d.Phone, r.Phone)
	if err := s.cleanAccount(&a, old); err != nil {
		return err
	}
	if err := s.checkDetail(d); err != nil {
		return err
	}
	change(p, "name", &p.patch.Name, old.Name, a.Name)
	change(p, "email", &p.patch.Email, old.Email, a.Email)
	change(p, "active", &p.patch.Active, old.Active, a.Active)
	change(p, "language", &p.patch.Language, old.Language, a.Language)
	change(p, "timeZone", &p.patch.TimeZone, old.TimeZone, a.TimeZone)
	change(p, "title", &p.patch.Title, detail.Title, d.Title)
	change(p, "department", &p.patch.Department, detail.Department, d.Department)
	change(p, "phone", &p.patch.Phone, detail.Phone, d.Phone)
	if r.Role != nil {
		change(p, "role", &p.patch.Role, role, *r.Role)
	}
	if p.patch.Role != nil {
		p.Role, p.OldRole = *r.Role, role
	}
	p.Active = p.patch.Active
	if len(p.Changes) == 0 {
		p.Action = ImportUnchanged
		return nil
	}
	p.Action = ImportUpdate
	if p.patch.Role != nil && old.ID == who.Account {
		// A file of many people must not take the rights of the person who imports it.
		return invalidFor("role", ReasonOwnAccount, "must not be taken from your own account")
	}
	return s.mayPatch(ctx, tx, who, old, role, p.patch)
}

// change adds a field to the plan if its value changes.
func change[T comparable](p *importPlan, field string, into **T, old, now T) {
	if old != now {
		*into = &now
		p.Changes = append(p.Changes, field)
	}
}

// mayPatch refuses what [Service.AdminUpdatePerson] would refuse.
func (s *Service) mayPatch(ctx context.Context, tx Tx, who admin, old Account, role OrganizationRole, p PersonPatch) error {
	if err := who.mayChange(tx, old.ID); err != nil {
		return err
	}
	if p.Role != nil && who.main == "" {
		return errNoOrganization
	}
	if p.Role != nil && *p.Role == OrganizationOwner && !who.owner {
		return ErrForbidden
	}
	if p.Role != nil {
		if err := s.provenToGive(ctx, tx, who, *p.Role); err != nil {
			return err
		}
	}
	if p.Role != nil && role == OrganizationOwner {
		if err := s.keepOwner(tx, who.main, old.ID, "role"); err != nil {
			return err
		}
	}
	if p.Active != nil && !*p.Active {
		if old.ID == who.Account {
			return errOwnActive()
		}
		if err := s.keepOwners(tx, old.ID, "active"); err != nil {
			return err
		}
	}
	if p.Email != nil || p.Active != nil && *p.Active {
		if err := s.provenFor(ctx, tx, who, old.ID); err != nil {
			return err
		}
	}
	if p.Email == nil {
		return nil
	}
	changed := old
	setIf(&changed.Email, p.Email)
	setIf(&changed.Active, p.Active)
	if err := s.keepWay(tx, changed, "email"); err != nil {
		return err
	}
	return emailFree(tx, *p.Email, old.ID)
}

func (s *Service) carryOut(ctx context.Context, tx Tx, who admin, p importPlan) (AccountID, error) {
	switch p.Action {
	case ImportCreate:
		return p.person.ID, s.createPerson(ctx, tx, who, p.person)
	case ImportUpdate:
		return p.Account, s.updatePerson(ctx, tx, who, p.Account, p.patch)
	}
	return p.Account, nil
}
