package chat

import (
	"context"
	"sync"
	"time"
)

// DayCount has the figures of one day.
type DayCount struct {
	Day      time.Time // its beginning
	Messages int       // that are stored, without system messages
	Uploads  int       // whose files are still stored
	People   int       // who sent a message
}

// Overview has the figures that are read from the database.
type Overview struct {
	People PeopleCount
	Groups GroupCount
	Days   []DayCount // oldest first; today is the last one
	// Applications with two valid secrets, whose rotation is not finished.
	TwoSecrets []AppID
	Owners     int // of the main organization, active
	LateMail   int // mails that have waited for more than 15 minutes
}

// maxDays is the maximum number of days of an overview.
const maxDays = 90

// dayCounts caches the counts of past days. Messages that are withdrawn later and files that are removed later stay in the counts.
type dayCounts struct {
	mu    sync.Mutex
	known map[time.Time]DayCount
}

func (d *dayCounts) get(day time.Time) (DayCount, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, ok := d.known[day]
	return c, ok
}

func (d *dayCounts) put(c DayCount) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil || len(d.known) > 4*maxDays {
		d.known = make(map[time.Time]DayCount)
	}
	d.known[c.Day] = c
}

// Overview returns the figures of the last days in a time zone. Administrators only.
func (s *Service) Overview(ctx context.Context, by Actor, days int, zone *time.Location) (o Overview, err error) {
	if days < 1 || days > maxDays {
		return o, Invalid("days", "must be 1 to %d", maxDays)
	}
	err = s.store.Search(ctx, func(tx Tx) error {
		who, err := administrator(tx, by)
		if err != nil {
			return err
		}
		o = Overview{}
		if o.People, err = tx.CountPeople(who.main); err != nil {
			return err
		}
		if o.Groups, err = tx.CountGroups(); err != nil {
			return err
		}
		owners, err := tx.Owners(who.main)
		if err != nil {
			return err
		}
		o.Owners = len(owners)
		now := s.now()
		if o.LateMail, err = tx.CountMail(now.Add(-lateMail), now); err != nil {
			return err
		}
		o.TwoSecrets, err = s.twoSecrets(tx)
		return err
	})
	if err != nil {
		return Overview{}, err
	}
	now := s.now().In(zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	for n := days - 1; n >= 0; n-- {
		c, err := s.day(ctx, today.AddDate(0, 0, -n), n == 0)
		if err != nil {
			return Overview{}, err
		}
		o.Days = append(o.Days, c)
	}
	return o, nil
}

// day counts one day in a transaction of its own, so that no transaction takes long.
func (s *Service) day(ctx context.Context, day time.Time, today bool) (DayCount, error) {
	if c, ok := s.days.get(day); ok {
		return c, nil
	}
	c, err := read(ctx, s.store.Search, func(tx Tx) (DayCount, error) { return tx.CountDay(day, day.AddDate(0, 0, 1)) })
	c.Day = day
	if err == nil && !today {
		s.days.put(c)
	}
	return c, err
}

func (s *Service) twoSecrets(tx Tx) (ids []AppID, err error) {
	all, err := tx.Applications()
	now := s.now()
	for _, a := range all {
		live := 0
		for _, c := range a.Secrets {
			if c.live(now) {
				live++
			}
		}
		if live > 1 {
			ids = append(ids, a.ID)
		}
	}
	return ids, err
}
