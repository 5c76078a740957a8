package chat

import "context"

// DirectoryQuery selects from the people whom an account may write to. Zero
// fields do not limit.
type DirectoryQuery struct {
	// Query keeps those whose name or address contains every word of it, or whose
	// name is spelled so: 张三 is found by "zhangsan", "zs" and "zhs", Alice Chen by "ac".
	Query        string
	Friends      bool           // only friends
	Organization OrganizationID // only members of this organization, which must be one's own
	Offset       int
	Limit        int
}

// Directory pages through everybody whom the caller may write to, without the
// caller, ordered as in a phone book: by the letters of the name, Chinese ones by
// their pinyin, then what has none. more says that the page is not the last one.
// [ErrNotFound]: the caller is not in the organization.
func (s *Service) Directory(ctx context.Context, by Actor, q DirectoryQuery) (people []Person, more bool, err error) {
	if err := s.checkSearch(q.Query, q.Offset); err != nil {
		return nil, false, err
	}
	limit := s.page(q.Limit)
	q.Limit = limit + 1
	people, err = read(ctx, s.store.Search, func(tx Tx) ([]Person, error) {
		if _, err := caller(tx, by); err != nil {
			return nil, err
		}
		if err := checkOwnOrganization(tx, by.Account, q.Organization); err != nil {
			return nil, err
		}
		accounts, err := tx.Directory(by.Account, q)
		if err != nil {
			return nil, err
		}
		people := make([]Person, len(accounts))
		for i, a := range accounts {
			if people[i], err = seen(tx, by.Account, a); err != nil {
				return nil, err
			}
		}
		return people, nil
	})
	if len(people) > limit {
		return people[:limit], true, err
	}
	return people, false, err
}

func checkOwnOrganization(tx Tx, me AccountID, id OrganizationID) error {
	if id == "" {
		return nil
	}
	own, err := tx.OrganizationsOf(me)
	if err != nil {
		return err
	}
	for _, o := range own {
		if o.ID == id {
			return nil
		}
	}
	return ErrNotFound
}
