package config

import (
	"errors"
	"fmt"
	"slices"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5"
)

// Database is the address of a PostgreSQL database; empty: SQLite in the data folder.
// It may have a password, so that it is hidden where a configuration is printed.
type Database string

// String leaves out the user and the password.
func (d Database) String() string {
	if d == "" {
		return ""
	}
	c, err := pgx.ParseConfig(string(d))
	if err != nil {
		return "(hidden)"
	}
	return fmt.Sprintf("postgres://%s:%d/%s", c.Host, c.Port, c.Database)
}

// BeforeApply refuses a password on the command line; see [Secret.BeforeApply].
func (d Database) BeforeApply(ctx *kong.Context, at *kong.Path) error {
	if at.Resolved || !slices.Contains(ctx.Path, at) {
		return nil
	}
	value, _ := ctx.FlagValue(at.Flag).(Database)
	if hasPassword(value) && at.Flag.Name != "database" { // no option of the server
		return fmt.Errorf("--%s: a password on the command line can be read by every user of this machine; put the password into PGPASSWORD "+
			"or ~/.pgpass, and replace it if it was real", at.Flag.Name)
	}
	if hasPassword(value) {
		return fmt.Errorf("--database: a password on the command line can be read by every user of this machine; put the address into %s or the "+
			"configuration file, or the password into ~/.pgpass, and replace the password if it was real", EnvName("database"))
	}
	return nil
}

// hasPassword reports whether the address itself has a password. The environment and
// ~/.pgpass may have one for the same database.
func hasPassword(d Database) bool {
	c, err := pgx.ParseConfig(string(d))
	if err != nil || c.Password == "" {
		return false
	}
	without, err := pgx.ParseConfig(fmt.Sprintf("host=%s port=%d dbname=%s user=%s", c.Host, c.Port, c.Database, c.User))
	return err != nil || without.Password != c.Password
}

// check returns what is wrong with the address, without its password.
func (d Database) check() error {
	if d == "" {
		return nil
	}
	if _, err := pgx.ParseConfig(string(d)); err != nil {
		return errors.New("must be the address of a PostgreSQL database, like postgres://user@db.example.test/parley")
	}
	return nil
}
