package store

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"parley/internal/chat"
	"parley/internal/search"
)

func (t *tx) Initial(name string) string { return search.Initial(name) }

// named returns the directory columns of an account. They are computed from the name and
// the address, and are written with them.
func named(a chat.Account) search.Name { return search.NewName(a.Name, a.Email) }

// listing is somebody's place in a directory.
type listing struct {
	place string
	id    chat.AccountID
}

func (l listing) compare(other listing) int {
	return cmp.Or(strings.Compare(l.place, other.place), strings.Compare(string(l.id), string(other.id)))
}

// Directory reads the beginnings of lists that are in order, one of each
// organization, and puts them together. Where the list begins it reads all of
// it, to count.
func (t *tx) Directory(of chat.AccountID, q chat.DirectoryQuery) ([]chat.Account, []chat.DirectorySection, error) {
	n := q.Offset + q.Limit
	if q.Offset == 0 {
		n = math.MaxInt32
	}
	all, err := t.listings(of, q, n)
	if err != nil {
		return nil, nil, err
	}
	var sections []chat.DirectorySection
	if q.Offset == 0 {
		sections = count(all)
	}
	var page []chat.Account
	for _, l := range all[min(q.Offset, len(all)):min(q.Offset+q.Limit, len(all))] {
		a, err := t.Account(l.id)
		if err != nil {
			return nil, nil, err
		}
		page = append(page, a)
	}
	return page, sections, nil
}

// listings returns the first n, or more of them, in order.
func (t *tx) listings(of chat.AccountID, q chat.DirectoryQuery, n int) ([]listing, error) {
	who := search.ParsePerson(q.Query)
	all, err := t.friendListings(of, q, who)
	if err != nil {
		return nil, err
	}
	organizations, err := t.directoryOrganizations(of, q)
	if err != nil {
		return nil, err
	}
	for _, o := range organizations {
		some, err := t.memberListings(of, o, who, n)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, listing.compare)
	return slices.Compact(all), nil
}

// count counts sorted entries by letter.
func count(all []listing) (sections []chat.DirectorySection) {
	for _, l := range all {
		initial := search.PlaceInitial(l.place)
		if last := len(sections) - 1; last >= 0 && sections[last].Initial == initial {
			sections[last].Count++
		} else {
			sections = append(sections, chat.DirectorySection{Initial: initial, Count: 1})
		}
	}
	return sections
}

func (t *tx) directoryOrganizations(of chat.AccountID, q chat.DirectoryQuery) ([]chat.OrganizationID, error) {
	if q.Friends {
		return nil, nil
	}
	if q.Organization != "" {
		return list(t, readString[chat.OrganizationID], "SELECT organization FROM colleague WHERE account = ? AND organization = ?",
			string(of), string(q.Organization))
	}
	return list(t, readString[chat.OrganizationID], "SELECT organization FROM colleague WHERE account = ?", string(of))
}

// friendListings reads all friends: they are few.
func (t *tx) friendListings(of chat.AccountID, q chat.DirectoryQuery, who search.Person) (all []listing, err error) {
	if q.Organization != "" && !q.Friends {
		return nil, nil
	}
	query := `SELECT a.place, a.id, a.find FROM friendship f JOIN account a ON a.id = f.friend
		WHERE f.account = ? AND f.friend <> ? AND a.active = 1`
	args := []any{string(of), string(of)}
	if q.Organization != "" {
		query += " AND EXISTS (SELECT 1 FROM organization_member o WHERE o.organization = ? AND o.account = a.id)"
		args = append(args, string(q.Organization))
	}
	err = t.query(func(scan scanFunc) error {
		var l listing
		var find string
		if err := scan(&l.place, &l.id, &find); err != nil {
			return err
		}
		if who.Match(find) {
			all = append(all, l)
		}
		return nil
	}, query, args...)
	return all, err
}

// memberListings reads the first n members that fit.
func (t *tx) memberListings(of chat.AccountID, o chat.OrganizationID, who search.Person, n int) (all []listing, err error) {
	if who.Empty() {
		return list(t, func(scan scanFunc) (l listing, err error) {
			err = scan(&l.place, &l.id)
			return l, err
		}, `SELECT place, account FROM colleague WHERE organization = ? AND place <> '' AND account <> ?
			ORDER BY place, account`+limited, string(o), string(of), n)
	}
	candidate, patterns := candidates("a.find", who)
	err = t.conn.query(func(scan scanFunc) error {
		var l listing
		var find string
		if err := scan(&l.place, &l.id, &find); err != nil {
			return err
		}
		if !who.Match(find) {
			return t.ctx.Err()
		}
		if all = append(all, l); len(all) == n {
			return errEnough
		}
		return nil
	}, `SELECT o.place, o.account, a.find FROM colleague o `+t.conn.engine.index().join+` account a ON a.id = o.account
		WHERE o.organization = ? AND o.place <> '' AND o.account <> ?`+candidate+` ORDER BY o.place, o.account`,
		append([]any{string(o), string(of)}, patterns...)...)
	if err == errEnough {
		err = nil
	}
	return all, t.check(err)
}

// candidates returns conditions that begin with AND, and their arguments. They hold for everybody whom
// the query matches, and for a few others.
func candidates(find string, who search.Person) (conditions string, args []any) {
	for _, pattern := range who.Patterns() {
		conditions += " AND " + find + " LIKE ?"
		args = append(args, pattern)
	}
	return conditions, args
}

// placeMember keeps the place of an account among the members of organizations.
func (t *tx) placeMember(a chat.Account, place string) error {
	if !a.Active {
		place = ""
	}
	_, err := t.exec("UPDATE organization_member SET place = ? WHERE account = ? AND place <> ?", place, string(a.ID), place)
	return err
}

// placeAll computes the directory columns of all accounts again.
func (t *tx) placeAll() error {
	for after := chat.AccountID(""); ; {
		page, err := t.AccountPage(after, 1000)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, a := range page {
			n := named(a)
			if _, err := t.exec("UPDATE account SET find = ?, place = ? WHERE id = ?", n.Find, n.Place, string(a.ID)); err != nil {
				return err
			}
			if err := t.placeMember(a, n.Place); err != nil {
				return err
			}
			after = a.ID
		}
	}
}
