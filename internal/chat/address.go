package chat

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// maxURL bounds the address of a picture or a page, in bytes.
const maxURL = 2048

// checkURL refuses an address of a picture or a page that is too long or that
// [CheckAddress] refuses. An empty one is none.
func checkURL(field, address string) error {
	if len(address) > maxURL {
		return Invalid(field, "must be at most %d bytes", maxURL)
	}
	if err := checkText(field, address); err != nil || address == "" {
		return err
	}
	return CheckAddress(field, address)
}

// CheckAddress refuses an address that a client must not open as a link or load as
// a picture. Allowed are https:// and http:// with a host, and paths on this
// server. Other schemes can start a program on the reader's machine. Characters
// that browsers ignore or rewrite are refused, because such an address shows
// another target than the one that is opened.
func CheckAddress(field, address string) error {
	if fault := addressFault(address); fault != "" {
		return Invalid(field, "%s", fault)
	}
	return nil
}

// IsSafeAddress reports whether [CheckAddress] takes the address. It is for
// addresses that were stored before the rule existed.
func IsSafeAddress(address string) bool { return addressFault(address) == "" }

func addressFault(address string) string {
	if strings.ContainsFunc(address, unseen) {
		return "must not contain spaces, control characters or invisible characters"
	}
	// Browsers take a backslash for a slash.
	if strings.Contains(address, `\`) {
		return "must not contain a backslash"
	}
	if strings.HasPrefix(address, "//") {
		return "must not begin with two slashes"
	}
	if strings.HasPrefix(address, "/") {
		return ""
	}
	scheme, _, found := strings.Cut(address, "://")
	if !found || !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "http") {
		return "must begin with https://, http:// or a slash"
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "must be a valid address"
	case u.User != nil:
		return "must not contain a user name"
	// Other characters are folded to ASCII by browsers, full-width letters and dots for example.
	case u.Hostname() == "" || strings.ContainsFunc(u.Hostname(), notInHost):
		return "must name a host in ASCII; write an international name in its xn-- form"
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "must have a port between 1 and 65535"
		}
	}
	return ""
}

// unseen reports whether a character leaves no mark of its own: white space,
// control characters, direction marks, zero-width characters, fillers.
func unseen(r rune) bool {
	return r == ' ' || !unicode.IsPrint(r) ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func notInHost(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(".-_:", r)
}
