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

// DirectoryPage is a page of a directory.
type DirectoryPage struct {
	People   []Person
	More     bool               // it is not the last one
	Sections []DirectorySection // of the whole list, with its first page
}

// DirectorySection is the number of entries of a directory under a letter.
type DirectorySection struct {
	Initial string
	Count   int
}

// Directory returns a page of the accounts that the caller may write to, without the
// caller, in the order of a phone book: by the letters of the name (Chinese names by
// their pinyin), then names without letters. [ErrNotFound]: the caller is not in the
// organization.
func (s *Service) Directory(ctx context.Context, by Actor, q DirectoryQuery) (DirectoryPage, error) {
	if err := s.checkSearch(q.Query, q.Offset); err != nil {
		return DirectoryPage{}, err
	}
	limit := s.page(q.Limit)
	q.Limit = limit + 1 // to know whether something follows
	return read(ctx, s.store.Search, func(tx Tx) (page DirectoryPage, err error) {
		if _, err := caller(tx, by); err != nil {
			return page, err
		}
		if err := checkOwnOrganization(tx, by.Account, q.Organization); err != nil {
			return page, err
		}
		accounts, sections, err := tx.Directory(by.Account, q)
		if err != nil {
			return page, err
		}
		page.More, page.Sections = len(accounts) > limit, sections
		for _, a := range accounts[:min(limit, len(accounts))] {
			p, err := seen(tx, by.Account, a)
			if err != nil {
				return page, err
			}
			page.People = append(page.People, p)
		}
		return page, nil
	})
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
